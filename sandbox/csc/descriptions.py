"""What the provider says of itself and of a credential, in both versions of the API."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from sandbox.csc.variants import Variants

RSA_SHA256, RSA, RSA_PSS = "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"
_METHODS = (
    "auth/login",
    "credentials/info",
    "credentials/authorize",
    "credentials/extendTransaction",
    "signatures/signHash",
)
_METHODS_OF_2 = ("credentials/authorizeCheck", "signatures/signPolling")


def provider(oauth2: str, variants: Variants, *, second: bool) -> dict[str, Any]:
    """Return the answer to `info`."""
    methods = [one for one in _METHODS if variants.extends or not one.endswith("extendTransaction")]
    return {
        "specs": "2.0.0.2" if second else "1.0.4.0",
        "name": "Herald sandbox",
        "region": "BG",
        "lang": "en-US",
        "description": "Signs with invented people's keys",
        "authType": ["oauth2client", "basic", "tls"],
        "oauth2": oauth2,
        "asynchronousOperationMode": second,
        "methods": [*methods, *(_METHODS_OF_2 if second else ())],
        "signAlgorithms": {"algos": [RSA_SHA256, RSA, RSA_PSS]},
    }


def credential(
    certificates: Sequence[x509.Certificate], variants: Variants, *, second: bool
) -> dict[str, Any]:
    """Return the answer to `credentials/info`; the first certificate is the credential's."""
    leaf = certificates[0]
    return {
        "description": "A signer of the sandbox",
        "key": {"status": "enabled", "algo": [RSA_SHA256, RSA, RSA_PSS], "len": 2048},
        "cert": {
            "status": variants.certificate_status,
            "certificates": [_base64(one) for one in certificates],
            "serialNumber": f"{leaf.serial_number:x}",
            "validFrom": f"{leaf.not_valid_before_utc:%Y%m%d%H%M%S}Z",
            "validTo": f"{leaf.not_valid_after_utc:%Y%m%d%H%M%S}Z",
        },
        "SCAL": variants.scal,
        "multisign": variants.multisign,
        **(_auth_of_2(variants) if second else _auth_of_1(variants)),
    }


def _auth_of_2(variants: Variants) -> dict[str, Any]:
    objects = []
    if variants.pin:
        objects.append({"type": "Password", "id": "PIN", "format": "N", "label": "PIN"})
    if variants.second_factor is not None:
        kind = "ChallengeResponse" if variants.second_factor == "OTP" else variants.second_factor
        objects.append({"type": kind, "id": "OTP", "format": "N", "label": "Code"})
    expression = " AND ".join(str(one["id"]) for one in objects)
    return {"auth": {"mode": variants.auth_mode, "expression": expression, "objects": objects}}


def _auth_of_1(variants: Variants) -> dict[str, Any]:
    return {
        "authMode": variants.auth_mode,
        "PIN": {"presence": _word(present=variants.pin), "format": "N"},
        "OTP": {"presence": _word(present=variants.second_factor is not None), "type": "online"},
    }


def _word(*, present: bool) -> str:
    return "true" if present else "false"


def _base64(certificate: x509.Certificate) -> str:
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
