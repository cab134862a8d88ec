"""The `client_id` of a token request: the common name in the signer's certificate, unless the settings say another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from cryptography import x509

_SENT = re.compile(r"[ -~]{1,200}")


def common_name(certificate: x509.Certificate) -> str | None:
    """Return the common name; None where there is none, or several, or one that is not ASCII."""
    try:
        found = [one.value for one in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    except Exception:  # noqa: BLE001 - whatever a parser makes of bytes of strangers
        return None
    match found:
        case [str(name)] if _SENT.fullmatch(name):
            return name
    return None
