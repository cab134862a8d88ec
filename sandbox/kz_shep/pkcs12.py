"""Reading the key that a request to NCANode carries; refusals have NCANode's texts."""

from __future__ import annotations

import base64
import binascii
import warnings

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from sandbox.authority import Credential

_SEQUENCE = b"\x30"


class KeyUnreadable(Exception):
    """The key cannot be read; the text is NCANode's."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Key reading error: {reason}")


def read(key: str, password: str, alias: str | None) -> Credential:
    """Return the first key of a PKCS#12 in base64. Raises KeyUnreadable."""
    content = _decoded(key)
    try:
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # keys in BER are good keys
            store = pkcs12.load_pkcs12(content, password.encode())
    except ValueError as error:
        known = content.startswith(_SEQUENCE)
        raise KeyUnreadable("Password incorrect." if known else "Invalid format.") from error
    if store.cert is None or store.key is None:
        raise KeyUnreadable("Key does not have aliases.")
    name = (store.cert.friendly_name or b"").decode("utf-8", "replace")
    if alias is not None and alias != name:
        raise KeyUnreadable(f"Key does not have '{alias}' alias")
    if not isinstance(store.key, rsa.RSAPrivateKey):
        raise KeyUnreadable("Cannot extract private key.")
    return Credential(store.key, store.cert.certificate)


def _decoded(key: str) -> bytes:
    try:
        return base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyUnreadable("Invalid Base64 format. Key must be in valid Base64 format.") from error
