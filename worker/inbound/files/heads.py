"""The heads of answers about files: pure. Nothing in them lets a browser run or keep what it fetched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from worker.file_store import StoredFile
    from worker.inbound.files.ranges import Part

_MEDIA_TYPE = re.compile(
    r"[A-Za-z0-9!#$&^_.+-]{1,100}/[A-Za-z0-9!#$&^_.+-]{1,100}(; ?[a-z-]+=[A-Za-z0-9_.-]+)*"
)
_EXTENSIONS = {
    "application/pdf": ".pdf",
    "application/json": ".json",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "text/plain": ".txt",
    "image/png": ".png",
    "image/jpeg": ".jpg",
}
UNKNOWN = "application/octet-stream"
ALWAYS = {
    "Server": "herald",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


def tag_of(file: StoredFile) -> str:
    """Return its ETag: its SHA-256."""
    return f'"{file.sha256}"'


def head_of(file: StoredFile, part: Part) -> dict[str, str]:
    """Return the headers of a part of a file."""
    head = {
        **ALWAYS,
        "Content-Type": media_type(file.media_type),
        "Content-Length": str(part.end - part.start),
        "Content-Disposition": disposition(file),
        "ETag": tag_of(file),
        "Accept-Ranges": "bytes",
    }
    if not part.whole:
        head["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{file.size}"
    return head


def disposition(file: StoredFile) -> str:
    """Return Content-Disposition: always an attachment. Its name in ASCII says nothing but the id (RFC 6266)."""
    plain = media_type(file.media_type).partition(";")[0]
    value = f'attachment; filename="{file.id}{_EXTENSIONS.get(plain, ".bin")}"'
    if file.name is None:
        return value
    last = re.split(r"[/\\]", file.name)[-1][:200]
    return f"{value}; filename*=UTF-8''{quote(last, safe='', errors='replace')}"


def media_type(stated: str) -> str:
    """Return the media type, where it is one; what it is not is unknown bytes."""
    return stated if _MEDIA_TYPE.fullmatch(stated) else UNKNOWN
