"""The organisations that the ESB knows: by the CN of their certificates, with the scopes that each holds.

All are invented. An OID of the subject's ST names for whom a client acts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    from collections.abc import Iterable

HOSPITAL_OID = "2.16.100.1.1.9001.1.1"
BRANCH_OID = "2.16.100.1.1.9001.1.2"
CLINIC_OID = "2.16.100.1.1.9002.1.1"
SCOPES = ("/ed2*", "/ep*", "/orn*", "/epdeau*")


@dataclass(frozen=True, slots=True)
class EsbClient:
    """One organisation's client. `client_id` is the CN of its certificate; `oid` stands in the certificate's ST."""

    name: str
    client_id: str
    oid: str
    scopes: tuple[str, ...]

    def subject(self) -> x509.Name:
        """Return the subject of its certificate."""
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "BG"),
                x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, f"OID:{self.oid}"),
                x509.NameAttribute(NameOID.COMMON_NAME, self.client_id),
            ]
        )


FIRST = (
    EsbClient("hospital", "his.hospital.invalid", HOSPITAL_OID, SCOPES),
    EsbClient("clinic", "his.clinic.invalid", CLINIC_OID, ("/ed2*",)),
    EsbClient("stranger", "his.stranger.invalid", "2.16.100.1.1.9003.1.1", ()),
)
"""The clients at the start; `stranger` has a good certificate and holds no scope."""


class Clients:
    """The clients by `client_id`."""

    def __init__(self, clients: Iterable[EsbClient] = FIRST) -> None:
        self._by_id = {one.client_id: one for one in clients}

    def get(self, client_id: str | None) -> EsbClient | None:
        """Return the client with this identifier."""
        return None if client_id is None else self._by_id.get(client_id)

    def change(self, body: Any) -> dict[str, Any]:
        """Set a client's scopes: `{"client_id", "scopes": [...]}`; return all. Raises InvalidControl."""
        if body:
            known = self.get(body.get("client_id")) if isinstance(body, dict) else None
            scopes = body.get("scopes") if isinstance(body, dict) else None
            if known is None or not isinstance(scopes, list) or not set(scopes) <= set(SCOPES):
                raise InvalidControl(
                    f"give client_id ({', '.join(self._by_id)}) and scopes of {', '.join(SCOPES)}"
                )
            self._by_id[known.client_id] = replace(known, scopes=tuple(scopes))
        return {"clients": [asdict(one) for one in self._by_id.values()]}


def common_name(certificate: bytes) -> str | None:
    """Return the CN of a certificate in DER."""
    return _attribute(certificate, NameOID.COMMON_NAME)


def distinguished_name(certificate: bytes, oid: str | None = None) -> str:
    """Return a certificate's subject with slashes, as in `Dp-Miscinfo`; ``oid`` takes the place of that in ST."""
    state = _attribute(certificate, NameOID.STATE_OR_PROVINCE_NAME) or ""
    parts = {
        "C": _attribute(certificate, NameOID.COUNTRY_NAME) or "",
        "ST": state if oid is None else f"OID:{oid}",
        "CN": common_name(certificate) or "",
    }
    return "".join(f"/{name}={value}" for name, value in parts.items())


def _attribute(certificate: bytes, name: x509.ObjectIdentifier) -> str | None:
    found = x509.load_der_x509_certificate(certificate).subject.get_attributes_for_oid(name)
    return str(found[0].value) if found else None
