"""What a request about files asks for: its path, its parameters, and who it comes from. Raises Refusal."""

from __future__ import annotations

import re
from dataclasses import field
from http import HTTPStatus
from typing import TYPE_CHECKING

from contracts.derived_ids import derived_id
from contracts.immutable import immutable
from worker.file_addresses import PATH
from worker.file_store import FileOwner, NewFile
from worker.inbound.files.answers import Refusal
from worker.inbound.files.clients import SIGNED, Visitor
from worker.inbound.files.heads import UNKNOWN, media_type
from worker.inbound.files.names import name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.file_addresses import FileAddresses
    from worker.inbound.files.clients import Clients

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SECONDS = re.compile(r"[0-9]{1,12}")
NOBODY_YET = "-"
"""The system of an upload that no event has referred to."""


@immutable
class FileRequest:
    """``query`` has each parameter once; ``certificate`` is DER, where TLS verified one."""

    method: str
    path: str
    query: Mapping[str, str] = field(repr=False)
    certificate: bytes | None = field(default=None, repr=False)


def is_for_files(path: str) -> bool:
    """Whether a path is that of files."""
    return path == PATH or path.startswith(f"{PATH}/")


def file_id_of(request: FileRequest) -> str | None:
    """Return the file that is asked for; None for an upload. Raises Refusal for a path or method that is neither."""
    rest = request.path.removeprefix(PATH).removeprefix("/")
    if not rest:
        if request.method != "POST":
            raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, Allow="POST")
        return None
    if request.method not in {"GET", "HEAD"}:
        raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, Allow="GET, HEAD")
    if not _ID.fullmatch(rest):
        raise Refusal(HTTPStatus.NOT_FOUND)
    return rest


class Doors:
    """Finds out who asks, and whether it may. ``addresses`` is None where no address is signed."""

    def __init__(self, clients: Clients, addresses: FileAddresses | None) -> None:
        self._clients = clients
        self._addresses = addresses

    def visitor(self, request: FileRequest, file_id: str | None) -> Visitor:
        """Return who asks. Raises Refusal: 401 where it shows nothing, 403 where what it shows is of no use."""
        query = request.query
        if "signature" in query:
            if not self._is_signed(query, file_id):
                raise Refusal(HTTPStatus.FORBIDDEN)
            return Visitor(SIGNED)
        if request.certificate is None:
            raise Refusal(HTTPStatus.UNAUTHORIZED)
        visitor = self._clients.of(request.certificate)
        if visitor is None:
            raise Refusal(HTTPStatus.FORBIDDEN)
        return visitor

    def _is_signed(self, query: Mapping[str, str], file_id: str | None) -> bool:
        expires, signature = query.get("expires", ""), query["signature"]
        if self._addresses is None or not _SECONDS.fullmatch(expires):
            return False
        if file_id is not None:
            return self._addresses.may_fetch(file_id, expires, signature)
        return self._addresses.may_upload(query.get("source", ""), expires, signature)


def new_upload(
    request: FileRequest, visitor: Visitor, content_type: str | None, disposition: str | None
) -> NewFile:
    """Return what is known of an upload; its id follows from source, name and digest. Raises Refusal.

    ``disposition`` is the header Content-Disposition.
    """
    query = request.query
    source = query.get("source") or visitor.only_source
    if not source:
        raise Refusal(
            HTTPStatus.BAD_REQUEST,
            "State the parameter source: the source of the event that will refer to it.",
        )
    if not visitor.owns(source):
        raise Refusal(HTTPStatus.FORBIDDEN, "This client has no such source.")
    digest = query.get("sha256", "")
    if not _DIGEST.fullmatch(digest):
        raise Refusal(
            HTTPStatus.BAD_REQUEST, "State the parameter sha256: 64 hexadecimal digits in lower case."
        )
    name = name_of(disposition, query.get("name"))
    return NewFile(
        id=derived_id("herald-upload", source, name, digest),
        owner=FileOwner(NOBODY_YET, source),
        media_type=media_type(content_type or UNKNOWN),
        name=name,
        sha256=digest,
    )
