"""Bytes in pieces of one size, with their number and SHA-256 as they pass. Pure but for what it is given."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from worker.file_store import CHUNK, FileDiffers, FileTooLarge

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from worker.file_store import NewFile


async def in_pieces(chunks: AsyncIterator[bytes], size: int = CHUNK) -> AsyncIterator[bytes]:
    """Yield the same bytes in pieces of exactly ``size``; only the last is shorter, and there is none without bytes."""
    left = bytearray()
    async for chunk in chunks:
        view = memoryview(chunk)
        while len(left) + len(view) >= size:
            taken = size - len(left)
            yield bytes(left) + bytes(view[:taken])
            left, view = bytearray(), view[taken:]
        left += view
    if left:
        yield bytes(left)


class Measured:
    """Passes pieces on and measures them. Raises FileTooLarge as soon as there are more than ``limit`` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> bytes:
        """The digest of what has passed."""
        return self._digest.digest()

    async def passed(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield them."""
        async for chunk in chunks:
            self.size += len(chunk)
            if self.size > self._limit:
                raise FileTooLarge(self._limit)
            self._digest.update(chunk)
            yield chunk

    def check(self, new: NewFile) -> None:
        """Raise FileDiffers where what has passed is not what was stated."""
        if new.size is not None and new.size != self.size:
            raise FileDiffers(f"the file has {self.size} bytes, and {new.size} were stated")
        if new.sha256 is not None and bytes.fromhex(new.sha256) != self.sha256:
            raise FileDiffers("the file has another SHA-256 than was stated")
