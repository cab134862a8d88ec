"""Bodies that are never whole in memory: a content that is sent piece by piece, an answer that is saved so."""

from __future__ import annotations

from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from worker.file_store import FileDiffers, FileTooLarge
from worker.transport.codings import decoders
from worker.transport.failures import FILE_FAILURES, BrokenAnswer, StreamDefect

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator

    from worker.transport.codings import Decoder
    from worker.transport.port import Sink, Streamed

_SLICE = 1024
"""Compressed bytes that are decoded together: they may yield a thousand times as many."""


class Outgoing:
    """A request's content, piece by piece and exactly of its size; ``failure`` is why it ended before.

    ``moved`` is told of each piece when it is handed over, which the connection takes as it can send; None at the end.
    """

    def __init__(self, content: Streamed, moved: Callable[[int | None], None]) -> None:
        self.failure: Exception | None = None
        self._left = content.size
        self._pieces = content.chunks()
        self._moved = moved

    def __aiter__(self) -> Outgoing:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await self._next()
        except StopAsyncIteration:
            self._moved(None)
            raise
        except FILE_FAILURES as error:
            self.failure = error
            raise
        except Exception as error:
            self.failure = StreamDefect(type(error).__name__)
            raise

    async def _next(self) -> bytes:
        try:
            piece = await anext(self._pieces)
        except StopAsyncIteration:
            if self._left:
                raise FileDiffers("the file has fewer bytes than were announced") from None
            raise
        self._left -= len(piece)
        if self._left < 0:
            raise FileDiffers("the file has more bytes than were announced")
        self._moved(len(piece))
        return piece

    async def aclose(self) -> None:
        """Release what the pieces come from."""
        with suppress(Exception):
            await self._pieces.aclose()  # type: ignore[attr-defined]  # an iterator need not have it


async def save(
    raw: AsyncIterator[bytes], encoding: str, sink: Sink, moved: Callable[[int | None], None]
) -> None:
    """Give the decoded body to the sink. Raises BrokenAnswer, what reading raises, `FILE_FAILURES`, StreamDefect."""
    failures: list[BaseException] = []
    whole = False

    async def pieces() -> AsyncGenerator[bytes]:
        nonlocal whole
        try:
            async with aclosing(_decoded(raw, encoding, sink.limit, moved)) as body:
                async for piece in body:
                    yield piece
        except BaseException as error:
            failures.append(error)
            raise
        whole = True

    async with aclosing(pieces()) as stream:
        try:
            await sink.write(stream)
        except FILE_FAILURES:
            raise
        except Exception as error:
            if error in failures:
                raise
            raise StreamDefect(type(error).__name__) from None
    if not whole:
        raise StreamDefect("the body was not read to its end")


async def _decoded(
    raw: AsyncIterator[bytes], encoding: str, limit: int, moved: Callable[[int | None], None]
) -> AsyncGenerator[bytes]:
    layers = decoders(encoding, limit)
    if len(layers) > 1:
        raise BrokenAnswer("it is encoded too many times")
    received = yielded = 0
    async for chunk in raw:
        received += len(chunk)
        moved(len(chunk))
        for piece in _pieces(layers, chunk):
            yielded += len(piece)
            if yielded > limit:
                raise FileTooLarge(limit)
            yield piece
        if received > limit:
            raise FileTooLarge(limit)
    for layer in layers if received else ():
        layer.finish()


def _pieces(layers: list[Decoder], chunk: bytes) -> Iterator[bytes]:
    if not layers:
        yield chunk
        return
    (layer,) = layers
    for start in range(0, len(chunk), _SLICE):
        if piece := layer.decode(chunk[start : start + _SLICE]):
            yield piece
