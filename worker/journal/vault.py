"""Encryption of single values at rest: AES-256-GCM (NIST SP 800-38D), with the name of the key in each value. No I/O.

A value is bound to its place: the table, the column and the row are authenticated with it, so that an exchange of two
values in the database is found out.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from worker.journal.errors import CannotDecrypt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY_BYTES = 32
_NONCE_BYTES = 12
MAGIC = b"\xf5\x00hrld\x01"
"""Begins what is encrypted: 0xF5 begins no UTF-8 text, and neither XML nor JSON. Then come the length of the key's name
and the name (no name: the value follows as it is), the nonce, and the ciphertext with its tag."""


class Vault:
    """The keys by name, and the one that encrypts; without that, values are stored as they are."""

    def __init__(
        self, keys: Mapping[str, bytes], active: str | None, random: Callable[[int], bytes] = os.urandom
    ) -> None:
        """Each key has `KEY_BYTES` bytes. ``random``: a nonce must never come twice under one key."""
        self.active = active
        self.names = frozenset(keys)
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._digest_keys = {
            name: hmac.digest(key, b"herald key digest", "sha256") for name, key in keys.items()
        }
        self._random = random

    def without_active(self) -> Vault:
        """Return a vault that opens the same, and encrypts nothing."""
        other = Vault({}, None, self._random)
        other.names, other._ciphers, other._digest_keys = self.names, self._ciphers, self._digest_keys
        return other

    def seal(self, plain: bytes, *place: str) -> bytes:
        """Return the value as it is to be stored at a place: table, column, and what names the row."""
        if self.active is None:
            # What looks encrypted and is not must not be taken for it.
            return MAGIC + b"\x00" + plain if plain.startswith(MAGIC) else plain
        nonce = self._random(_NONCE_BYTES)
        name = self.active.encode()
        cipher = self._ciphers[self.active]
        return b"".join((MAGIC, bytes([len(name)]), name, nonce, cipher.encrypt(nonce, plain, _bound(place))))

    def open(self, stored: bytes, *place: str) -> bytes:
        """Return the value that `seal` was given. Raises CannotDecrypt: no such key, another key, or changed bytes."""
        if not stored.startswith(MAGIC):
            return stored
        name = key_of(stored)
        rest = stored[len(MAGIC) + 1 + len(name or "") :]
        if name is None:
            return rest
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise CannotDecrypt(
                f"the record is encrypted with the key {name}, which journal.encryption.keys lacks"
            )
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound(place))
        except (InvalidTag, ValueError):
            raise CannotDecrypt(
                f"the record does not open with the key {name}: the key is another one, or the record was changed"
            ) from None

    def digest(self, digest: bytes) -> bytes:
        """Return what is stored of a record key's SHA-256: with a key, or who has a dump could try all numbers."""
        return (
            digest if self.active is None else hmac.digest(self._digest_keys[self.active], digest, "sha256")
        )

    def digests(self, key: bytes) -> list[bytes]:
        """Return what may be stored of a record key, whatever key was the active one."""
        plain = hashlib.sha256(key).digest()
        return [plain, *(hmac.digest(one, plain, "sha256") for one in self._digest_keys.values())]


PLAIN = Vault({}, None)
"""Encrypts nothing, and opens nothing that is encrypted."""


def key_of(stored: bytes) -> str | None:
    """Return the name of the key that encrypted a stored value; None if none did."""
    if not stored.startswith(MAGIC):
        return None
    length = stored[len(MAGIC)] if len(stored) > len(MAGIC) else 0
    return stored[len(MAGIC) + 1 :][:length].decode("ascii", "replace") or None


def _bound(place: tuple[str, ...]) -> bytes:
    return json.dumps(place).encode()
