"""A credential as the provider describes it, and whether signatures can be made with it without a person. No I/O."""

from __future__ import annotations

import binascii
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from cryptography import x509

from contracts.immutable import immutable
from worker.signing.algorithms import algorithm_of
from worker.signing.certificates import public_key_of, unreadable_part
from worker.signing.csc.algorithms import hash_oid, sign_oid, sign_parameters
from worker.signing.csc.settings import NEEDS_A_PERSON
from worker.signing.port import CertificateNotValid, Identity, SigningFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.signing.algorithms import SignatureAlgorithm
    from worker.signing.remote.exchange import Reply

_YES = frozenset({"true", "optional"})


@immutable
class Credential:
    """A credential that signs without a person.

    ``multisign``: signatures of one authorisation. ``bound``: an authorisation names the digests (SCAL2).
    ``secret_id``: the name of the secret that authorises; None where none is needed.
    """

    identity: Identity
    sign_algorithm: str
    multisign: int
    bound: bool
    secret_id: str | None

    @property
    def hash_algorithm(self) -> str:
        """The identifier of the hash function."""
        return hash_oid(self.identity.algorithm)

    @property
    def sign_parameters(self) -> str | None:
        """The parameters of the signature algorithm, where it has any."""
        return sign_parameters(self.identity.algorithm)


def read_credential(
    reply: Reply, *, second: bool, algorithm: SignatureAlgorithm | None, has_secret: bool
) -> Credential:
    """Read the answer to `credentials/info`. Raises SigningFailed with what an operator has to do."""
    content = reply.content
    _require_enabled(content)
    secret_id = _secret_of_second(content) if second else _secret_of_first(content)
    if secret_id is not None and not has_secret:
        raise _blocked("the credential needs a PIN or password; set credential_auth to pin, and pin_file")
    certificates = _certificates(content)
    _require_valid(content, certificates[0])
    chosen, oid = _algorithm(content, certificates[0], algorithm)
    return Credential(
        Identity(certificates[0], certificates[1:], chosen),
        oid,
        multisign=_multisign(content),
        bound=str(content.get("SCAL", "1")) == "2",
        secret_id=secret_id,
    )


def _require_enabled(content: Mapping[str, Any]) -> None:
    if str(_part(content, "key").get("status", "enabled")) != "enabled":
        raise _blocked("the provider has disabled the credential's key")


def _require_valid(content: Mapping[str, Any], certificate: x509.Certificate) -> None:
    """Raise CertificateNotValid where the provider says so; the dates alone are judged at each signature."""
    status = str(_part(content, "cert").get("status", "valid"))
    if status != "valid":
        told = status if status in {"expired", "revoked", "suspended"} else "not valid"
        which = f"{certificate.serial_number:x}, until {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        raise CertificateNotValid(f"the provider says that the certificate (serial number {which}) is {told}")


def _secret_of_second(content: Mapping[str, Any]) -> str | None:
    auth = _part(content, "auth")
    _require_explicit(str(auth.get("mode", "explicit")))
    objects = [one for one in auth.get("objects") or [] if isinstance(one, dict)]
    for one in objects:
        if (kind := str(one.get("type"))) != "Password":
            why = NEEDS_A_PERSON.get(kind.lower(), "an authentication that Herald does not know is needed")
            raise _blocked(f"the credential cannot be used: {why}, and Herald signs without one")
    if len(objects) > 1:
        raise _blocked("the credential needs several passwords, which Herald does not support")
    return str(objects[0].get("id")) if objects else None


def _secret_of_first(content: Mapping[str, Any]) -> str | None:
    _require_explicit(str(content.get("authMode", "explicit")))
    if _presence(content, "OTP") == "true":
        raise _blocked(
            f"the credential cannot be used: {NEEDS_A_PERSON['otp']}, and Herald signs without one"
        )
    return "PIN" if _presence(content, "PIN") in _YES else None


def _presence(content: Mapping[str, Any], name: str) -> str:
    return str(_part(content, name).get("presence", "false")).lower()


def _require_explicit(mode: str) -> None:
    if mode != "explicit":
        why = NEEDS_A_PERSON.get(mode.lower(), "its mode of authorisation is not known")
        raise _blocked(f"the credential cannot be used: {why}, and Herald signs without one")


def _certificates(content: Mapping[str, Any]) -> tuple[x509.Certificate, ...]:
    listed = _part(content, "cert").get("certificates")
    try:
        found = tuple(x509.load_der_x509_certificate(b64decode(one)) for one in listed or ())
    except (ValueError, TypeError, binascii.Error):
        raise _blocked("a certificate of the credential cannot be read") from None
    if not found:
        raise _blocked("the provider did not return the credential's certificate")
    if problem := unreadable_part(found[0]):
        raise _blocked(problem)
    return found


def _algorithm(
    content: Mapping[str, Any], certificate: x509.Certificate, wanted: SignatureAlgorithm | None
) -> tuple[SignatureAlgorithm, str]:
    key = public_key_of(certificate)
    algorithm = wanted or algorithm_of(key)
    if algorithm is None:
        raise _blocked("the credential's key is of a kind, or of a length, that Herald does not sign with")
    offered = _part(content, "key").get("algo")
    oid = sign_oid(algorithm, {str(one) for one in offered} if isinstance(offered, list) else ())
    if oid is None:
        raise _blocked(f"the credential does not offer the algorithm {algorithm.value}")
    return algorithm, oid


def _multisign(content: Mapping[str, Any]) -> int:
    value = content.get("multisign", 1)
    return max(1, value) if isinstance(value, int) else 1


def _part(content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = content.get(name)
    return part if isinstance(part, dict) else {}


def _blocked(sentence: str) -> SigningFailed:
    return SigningFailed(sentence, transient=False)
