"""The body of an answer, read with a bound on its decoded size, however small its compressed form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.transport.codings import decoders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import StreamReader

ACCEPTED_ENCODINGS = "gzip"


async def read_bounded(chunks: AsyncIterator[bytes], encoding: str, limit: int) -> tuple[bytes, bool]:
    """Return the decoded body and whether it was cut at `limit` bytes. Raises BrokenAnswer.

    The bound holds for the compressed bytes and between two codings as well: a gzip stream may be endless and yield
    nothing.
    """
    layers = decoders(encoding, limit)
    kept, received = bytearray(), 0
    async for chunk in chunks:
        received += len(chunk)
        decoded, cut = chunk, False
        for layer in layers:
            decoded = layer.decode(decoded)
            cut = cut or layer.full
        kept += decoded[: limit + 1 - len(kept)]
        if cut or len(kept) > limit or received > limit:
            return bytes(kept[:limit]), True
    for layer in layers if received else ():
        layer.finish()
    return bytes(kept), False


async def read_whole(content: StreamReader, encoding: str, limit: int) -> tuple[bytes, bool]:
    """Return what `read_bounded` would of all the content: at once where all of it has come, as it mostly has."""
    if encoding or not content.is_eof():
        return await read_bounded(content.iter_any(), encoding, limit)
    body = content.read_nowait()
    return body[:limit], len(body) > limit
