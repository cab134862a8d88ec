"""The body of an answer, read with a bound on its decoded size, however small its compressed form."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Protocol

from worker.transport.failures import BrokenAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ACCEPTED_ENCODINGS = "gzip"
_GZIP = zlib.MAX_WBITS | 16


class _Decoder(Protocol):
    def decode(self, data: bytes, at_most: int) -> bytes: ...

    def finish(self) -> None: ...


class _Identity:
    def decode(self, data: bytes, at_most: int) -> bytes:
        return data[:at_most]

    def finish(self) -> None:
        """Accept any end: the transport has checked it."""


class _Gzip:
    """One gzip member. httpx decodes too, but unbounded: 16 KB can become 16 MB, and encodings stack."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP)

    def decode(self, data: bytes, at_most: int) -> bytes:
        try:
            return self._stream.decompress(data, at_most)
        except zlib.error:
            raise BrokenAnswer("its gzip stream is broken") from None

    def finish(self) -> None:
        if not self._stream.eof:
            raise BrokenAnswer("its gzip stream has no end")
        if self._stream.unused_data:
            raise BrokenAnswer("bytes follow its gzip stream")


async def read_bounded(chunks: AsyncIterator[bytes], encoding: str, limit: int) -> tuple[bytes, bool]:
    """Return the decoded body and whether it was cut at `limit` bytes. Raises BrokenAnswer.

    The bound holds for the compressed bytes as well: a gzip stream may be endless and yield nothing.
    """
    decoder = _decoder(encoding)
    kept, received = bytearray(), 0
    async for chunk in chunks:
        received += len(chunk)
        # One byte more than the limit is enough to know that the body is longer.
        kept += decoder.decode(chunk, limit + 1 - len(kept))
        if len(kept) > limit or received > limit:
            return bytes(kept[:limit]), True
    if received:
        decoder.finish()
    return bytes(kept), False


def _decoder(encoding: str) -> _Decoder:
    match encoding.strip().lower():
        case "" | "identity":
            return _Identity()
        case "gzip" | "x-gzip":
            return _Gzip()
    raise BrokenAnswer("its Content-Encoding was not asked for")
