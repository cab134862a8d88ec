"""Files over HTTP: found out who asks, audited, streamed within bounds, and answered plainly where it cannot be."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web

from contracts.fields import utc_text
from worker.file_store import FileDiffers, FileStoreOutage, FileTooLarge, NoSuchFile
from worker.inbound.files.answers import LATER, Refusal
from worker.inbound.files.heads import ALWAYS, head_of, tag_of
from worker.inbound.files.ranges import part_of
from worker.inbound.files.requests import FileRequest, file_id_of, new_upload

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from worker.file_store import NewFile, StoredFile
    from worker.inbound.files.clients import Visitor
    from worker.inbound.files.meter import FileMeter
    from worker.inbound.files.ports import FileAudit, ServedFiles
    from worker.inbound.files.ranges import Part
    from worker.inbound.files.requests import Doors
    from worker.inbound.rates import Rates

log = logging.getLogger(__name__)

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class FileServing:
    """Answers requests for `/files`. ``retry_after`` and ``stall`` are in seconds."""

    def __init__(
        self,
        files: ServedFiles,
        audit: FileAudit,
        doors: Doors,
        rates: Rates,
        *,
        transfers: int,
        stall: float,
        uploads: bool,
        retry_after: int,
        meter: FileMeter,
    ) -> None:
        self._files = files
        self._audit = audit
        self._doors = doors
        self._rates = rates
        self._transfers = asyncio.Semaphore(transfers)
        self._stall = stall
        self._uploads = uploads
        self._retry_after = str(retry_after)
        self._meter = meter
        self.ready = True
        """Whether requests are served; while it is false they are answered with 503."""

    async def answer(self, request: web.BaseRequest) -> tuple[str | None, web.StreamResponse]:
        """Answer a request; return who asked, as far as that is known. Never raises but to end the connection."""
        who: str | None = None
        try:
            asked = _asked(request)
            file_id = file_id_of(asked)
            visitor = self._doors.visitor(asked, file_id)
            who = visitor.name
            return who, await self._served(request, asked, file_id, visitor)
        except Refusal as refusal:
            return who, self._refused(request, refusal)
        except FileStoreOutage as error:
            log.warning("a file cannot be served: the store is unavailable", extra={"detail": str(error)})
            return who, self._refused(request, Refusal(HTTPStatus.SERVICE_UNAVAILABLE))

    async def _served(
        self, request: web.BaseRequest, asked: FileRequest, file_id: str | None, visitor: Visitor
    ) -> web.StreamResponse:
        if not await self._rates.takes_route(visitor.name):
            raise Refusal(HTTPStatus.TOO_MANY_REQUESTS)
        if self._transfers.locked() or not self.ready:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE)
        async with self._transfers:
            if file_id is None:
                said = request.headers
                new = new_upload(asked, visitor, said.get("Content-Type"), said.get("Content-Disposition"))
                return await self._taken(request, new, visitor.name)
            found = await self._found(file_id, visitor.owns)
            return await self._sent(request, found, visitor.name)

    async def _found(self, file_id: str, owns: Callable[[str | None], bool]) -> StoredFile:
        """Return the file. Of somebody else's, nobody learns that it is there."""
        found = await self._files.look(file_id)
        if found is None or not owns(found[0].owner.source):
            raise Refusal(HTTPStatus.NOT_FOUND)
        if not found[1]:
            raise Refusal(HTTPStatus.GONE)
        return found[0]

    async def _sent(self, request: web.BaseRequest, file: StoredFile, who: str) -> web.StreamResponse:
        """Send the file, or the part of it that is asked for."""
        said = request.headers
        part = part_of(file.size, said.get("Range"), said.get("If-Range"), tag_of(file))
        if part is None:
            whole = {"Content-Range": f"bytes */{file.size}"}
            raise Refusal(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, **whole)
        status = HTTPStatus.OK if part.whole else HTTPStatus.PARTIAL_CONTENT
        response = web.StreamResponse(status=status, headers=head_of(file, part))
        if request.method == "HEAD":
            await response.prepare(request)
            return response
        access = await self._audit.begin(file.id, "fetch", who, file.owner.source)
        sent = 0
        try:
            await response.prepare(request)
            async for piece in self._pieces(file, part):
                async with asyncio.timeout(self._stall):
                    await response.write(piece)
                sent += len(piece)
            async with asyncio.timeout(self._stall):
                await response.write_eof()
        except (TimeoutError, FileStoreOutage, NoSuchFile) as error:
            # The head is gone already: only the end of the connection says that something is missing.
            log.warning("a transfer was broken off", extra={"error": type(error).__name__})
            _break_off(request)
        finally:
            await self._ended(access, "fetch", sent, complete=sent == part.end - part.start)
        return response

    async def _pieces(self, file: StoredFile, part: Part) -> AsyncIterator[bytes]:
        left = part.end - part.start
        if not left:
            return
        async for piece in self._files.read(file.id, start=part.start):
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return

    async def _taken(self, request: web.BaseRequest, new: NewFile, who: str) -> web.StreamResponse:
        """Take an upload."""
        if not self._uploads:
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, Allow="")
        if (request.content_length or 0) > self._files.max_bytes:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        access = await self._audit.begin(new.id, "upload", who, new.owner.source)
        body = _Body(request, self._stall, self._files.max_bytes)
        stored: StoredFile | None = None
        try:
            stored = await self._files.save(new, body.chunks(), uploaded=True)
            await body.rest()
        except FileTooLarge:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE) from None
        except FileDiffers:
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY) from None
        except TimeoutError:
            raise Refusal(HTTPStatus.REQUEST_TIMEOUT) from None
        except web.RequestPayloadError:
            raise Refusal(HTTPStatus.BAD_REQUEST) from None
        finally:
            await self._ended(access, "upload", body.size, complete=stored is not None)
        told = {
            "id": stored.id,
            "sha256": stored.sha256,
            "size": stored.size,
            "expiresAt": utc_text(stored.expires_at),
        }
        return web.Response(
            status=HTTPStatus.CREATED,
            headers={**ALWAYS, "Content-Type": "application/json"},
            body=json.dumps(told).encode(),
        )

    async def _ended(self, access: int, act: str, size: int, *, complete: bool) -> None:
        """Note the end; the beginning is noted already, so that an outage now loses only how it ended."""
        self._meter.transferred(act, size, complete=complete)
        with suppress(FileStoreOutage):
            await self._audit.end(access, size, complete=complete)

    def _refused(self, request: web.BaseRequest, refusal: Refusal) -> web.Response:
        head = {**ALWAYS, "Content-Type": "text/plain; charset=utf-8", **refusal.headers}
        if refusal.status in LATER:
            head["Retry-After"] = self._retry_after
        body = None if request.method == "HEAD" else f"{refusal.sentence}\n".encode()
        response = web.Response(status=refusal.status, headers=head, body=body)
        if request.method == "POST":
            response.force_close()  # the rest of the body is not read
        return response


class _Body:
    """The body of a request, in pieces as they come; each must come in time."""

    def __init__(self, request: web.BaseRequest, stall: float, limit: int) -> None:
        self._request = request
        self._stall = stall
        self._limit = limit
        self.size = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield it. Raises TimeoutError, and web.RequestPayloadError where it breaks off."""
        if self._request.headers.get("Expect", "").lower() == "100-continue":
            await self._request.writer.write(_CONTINUE)
            self._request.writer.output_size = 0  # it is no part of the answer
        while True:
            async with asyncio.timeout(self._stall):
                chunk = await self._request.content.readany()
            if not chunk:
                return
            self.size += len(chunk)
            if self.size > self._limit:
                raise FileTooLarge(self._limit)
            yield chunk

    async def rest(self) -> None:
        """Read what the store did not want to see, because it has the file."""
        async for _ in self.chunks():
            pass


def _asked(request: web.BaseRequest) -> FileRequest:
    url = request.rel_url
    query: dict[str, str] = {}
    for name, value in url.query.items():
        if name in query:
            raise Refusal(HTTPStatus.BAD_REQUEST)
        query[name] = value
    secured = request.transport.get_extra_info("ssl_object") if request.transport else None
    certificate = secured.getpeercert(binary_form=True) if secured else None
    return FileRequest(request.method, url.raw_path, query, certificate)


def _break_off(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.abort()
