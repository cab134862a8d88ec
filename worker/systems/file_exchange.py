"""One exchange whose request carries a stored file, or whose answer becomes one: neither is ever whole in memory."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from worker.file_store import FileStoreOutage
from worker.transport.port import DeliveryError, Sink, Streamed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from worker.file_store import FileStore, NewFile
    from worker.systems.port import Prepared, SentFile
    from worker.transport.port import Answer, HttpClient, SendGuard


async def exchange_files(
    client: HttpClient, prepared: Prepared, guard: SendGuard, files: FileStore | None
) -> Answer:
    """Send once. Raises DeliveryError, SendRefused.

    Before anything is sent, the file must be there with the size that the request announces.
    """
    if files is None:
        raise DeliveryError("configuration", "the settings name no file store (files)", sent=False)
    content: bytes | Streamed = prepared.request
    if prepared.file is not None:
        await _must_be_there(files, prepared.file)
        content = _around(files, prepared.request, prepared.file)
    return await client.request(
        prepared.method,
        prepared.url,
        headers={**prepared.headers, **prepared.secret_headers},
        content=content,
        reuse=prepared.reuse,
        guard=guard,
        sink=None if prepared.save is None else _into(files, prepared.save),
    )


async def _must_be_there(files: FileStore, file: SentFile) -> None:
    try:
        found = await files.find(file.id)
    except FileStoreOutage:
        raise DeliveryError("file-store-unavailable", "the file store is unavailable", sent=False) from None
    if found is None:
        raise DeliveryError("no-such-file", "the file to be sent is no longer kept", sent=False)
    if found.size != file.size:
        raise DeliveryError(
            "no-such-file", "the file to be sent has another size than was stated", sent=False
        )


def _around(files: FileStore, before: bytes, file: SentFile) -> Streamed:
    async def chunks() -> AsyncGenerator[bytes]:
        if before:
            yield before
        async with aclosing(cast("AsyncGenerator[bytes]", files.read(file.id))) as pieces:
            async for piece in pieces:
                yield piece
        if file.after:
            yield file.after

    return Streamed(len(before) + file.size + len(file.after), chunks)


def _into(files: FileStore, new: NewFile) -> Sink:
    async def write(chunks: AsyncIterator[bytes]) -> None:
        await files.save(new, chunks)
        # A store that has this very file already reads nothing, and the exchange ends well only once all is read.
        async for _ in chunks:
            pass

    return Sink(write)
