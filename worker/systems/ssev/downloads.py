"""Fetching one received file into Herald's store, and what the exchange says of it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contracts.derived_ids import derived_id
from contracts.files import FileReference
from contracts.strict_json import NotJson
from worker.file_store import FileOwner, NewFile
from worker.systems import json_answer
from worker.systems.ssev.opened import LARGEST_READ
from worker.transport.status_classes import SUCCESSFUL

if TYPE_CHECKING:
    from worker.file_store import FileStore, StoredFile
    from worker.submission import Submission
    from worker.systems.ssev.opening import LinkedFile
    from worker.transport.port import Answer

_XML = "application/xml"
_MEDIA_TYPES = {
    ".xml": _XML,
    ".pdf": "application/pdf",
    ".json": "application/json",
    ".txt": "text/plain",
    ".p7s": "application/pkcs7-signature",
    ".p7m": "application/pkcs7-mime",
    ".zip": "application/zip",
    ".jpg": "image/jpeg",
    ".png": "image/png",
}
"""By the ending of the name: the system states no media type."""
_OTHER = "application/octet-stream"


def new_file(submission: Submission, file: LinkedFile) -> NewFile:
    """Return what is known of the file. Its id is the same at every attempt: fetching it again changes nothing."""
    return NewFile(
        id=derived_id("ssev-file", submission.source, submission.id, file.blob_id),
        owner=FileOwner(submission.system, submission.source, submission.id),
        media_type=media_type_of(file.name),
        name=file.name,
        sha256=file.sha256,
        size=file.size,
    )


def media_type_of(name: str | None) -> str:
    """Return the media type that a file's name ends with."""
    ending = (name or "").lower().rpartition(".")[2]
    return _MEDIA_TYPES.get(f".{ending}", _OTHER)


async def stated(answer: Answer, new: NewFile, store: FileStore, room: int) -> Answer:
    """Return the answer with what the store has of the file in place of its bytes. Raises FileStoreOutage, NoSuchFile.

    ``room``: how many bytes of content may be handed on; a larger file is handed on without its content.
    The journal keeps this body, so that the step's outcome can be read from it again.
    """
    stored = await store.find(new.id)
    if stored is None:
        return answer
    body: dict[str, Any] = {"file": _reference(stored)}
    if new.media_type == _XML and stored.size <= min(LARGEST_READ, room):
        content = b"".join([piece async for piece in store.read(new.id)])
        body["content"] = base64.b64encode(content).decode()
    return replace(answer, body=json.dumps(body, ensure_ascii=False).encode(), saved=False)


def read_stated(answer: Answer) -> tuple[dict[str, Any] | None, str | None]:
    """Return the stored file and its content, as `stated` has written them. Total."""
    if answer.status not in SUCCESSFUL:
        return None, None
    try:
        found = json_answer.parse(answer.body.decode("utf-8", "replace"))
    except NotJson:
        return None, None
    match found:
        case {"file": {"id": str(), "sha256": str(), "size": int(), "mediaType": str()} as file}:
            content = found.get("content")
            return file, content if isinstance(content, str) else None
    return None, None


def _reference(stored: StoredFile) -> dict[str, Any]:
    reference = FileReference(
        id=stored.id,
        sha256=stored.sha256,
        size=stored.size,
        media_type=stored.media_type,
        name=stored.name,
        expires_at=stored.expires_at,
    )
    return reference.model_dump(mode="json", by_alias=True, exclude_none=True)
