"""Our own certificate, as RegiX's support asks for it: by the thumbprint under which RegiX knows a system. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from cryptography import x509

    from worker.signing.port import DigestSigner

_SYSTEMS_OWN = (
    NameOID.COMMON_NAME,
    NameOID.ORGANIZATIONAL_UNIT_NAME,
    NameOID.ORGANIZATION_NAME,
    NameOID.COUNTRY_NAME,
)
_PERSONS = frozenset(
    {NameOID.SERIAL_NUMBER, NameOID.GIVEN_NAME, NameOID.SURNAME, NameOID.EMAIL_ADDRESS, NameOID.PSEUDONYM}
)
_LONGEST = 200


def thumbprint(certificate: x509.Certificate) -> str:
    """Return the SHA-1 of the certificate in capital hexadecimal, as Windows and RegiX write it."""
    return certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 - a name, which protects nothing


def subject(certificate: x509.Certificate) -> str:
    """Return the subject of a system's certificate; of a person's nothing, as it holds the person's EGN."""
    try:
        attributes = list(certificate.subject)
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        return "a subject that cannot be read"
    if any(one.oid in _PERSONS for one in attributes):
        return "the subject of a person, which is not told"
    told = [f"{one.rfc4514_attribute_name}={one.value!s}" for one in attributes if one.oid in _SYSTEMS_OWN]
    return ", ".join(told)[:_LONGEST] or "an empty subject"


def shown(name: str, signer: DigestSigner | None) -> str:
    """Return a plain phrase for the certificate that a signer presents to RegiX; its name where none is known."""
    known = None if signer is None else signer.known
    if known is None:
        return f'signer "{name}"'
    certificate = known.certificate
    ends = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
    return (
        f'signer "{name}" (thumbprint {thumbprint(certificate)}, {subject(certificate)}, valid until {ends})'
    )
