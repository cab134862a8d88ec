"""Encryption of one content: AES-256-GCM (NIST SP 800-38D) with a key that serves this content alone.

Each piece has its number as its nonce, which never comes twice under such a key, and is bound to its content and its
place. That none is missing at the end shows by the file's size, which the journal states.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from worker.file_store import CHUNK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY_BYTES = 32
TAG_BYTES = 16
SEALED = CHUNK + TAG_BYTES
"""Bytes of an encrypted piece; the last may be shorter."""


class Damaged(Exception):
    """A stored piece is not what was written there: it was changed, or the key is another one."""


class ContentCipher:
    """Encrypts and decrypts the pieces of one content, which are numbered from 0."""

    def __init__(self, key: bytes, content: str) -> None:
        self._cipher = AESGCM(key)
        self._content = content.encode()

    def seal(self, number: int, piece: bytes) -> bytes:
        """Return a piece as it is stored."""
        return self._cipher.encrypt(_nonce(number), piece, self._content)

    def open(self, number: int, sealed: bytes) -> bytes:
        """Return what `seal` was given. Raises Damaged."""
        try:
            return self._cipher.decrypt(_nonce(number), sealed, self._content)
        except (InvalidTag, ValueError):
            raise Damaged(f"piece {number} of a stored file does not open") from None

    async def sealed(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield all pieces of a content as they are stored."""
        number = 0
        async for piece in pieces:
            yield self.seal(number, piece)
            number += 1


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def stored_size(size: int) -> int:
    """Return how many bytes a content of ``size`` bytes has as it is stored."""
    return size + TAG_BYTES * pieces_of(size)


def pieces_of(size: int) -> int:
    """Return how many pieces a content of ``size`` bytes has."""
    return -(-size // CHUNK)
