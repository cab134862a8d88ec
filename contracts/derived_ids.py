"""Ids that follow from what they name: the same in every process and after every crash. Pure."""

from __future__ import annotations

import hashlib
from json.encoder import encode_basestring_ascii
from uuid import NAMESPACE_URL

_NAMESPACE = NAMESPACE_URL.bytes


def derived_id(*names: str | int | None) -> str:
    """Return the UUID of version 5 (RFC 9562) of these names, which say for what and of what it is."""
    # As JSON: plain joining would give two submissions one id when a source ends as the other's id begins.
    name = f"[{', '.join([_as_json(one) for one in names])}]".encode()
    # As `uuid.uuid5` makes it, for a third of the time: each submission has several, and none is needed as an object.
    return uuid_text(hashlib.sha1(_NAMESPACE + name, usedforsecurity=False).hexdigest(), 5)


def uuid_text(digits: str, version: int) -> str:
    """Write a UUID of this version by its hexadecimal digits, of which further ones than 32 are left out."""
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-{version}{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def _as_json(name: str | int | None) -> str:
    """Write one name as `json.dumps` does, which makes an encoder for every call."""
    if isinstance(name, str):
        return encode_basestring_ascii(name)
    return "null" if name is None else str(name)
