"""Reading an upload: multipart with one part that is a file, found in the spooled body without loading it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote

from sandbox.edelivery.answers import Refused

if TYPE_CHECKING:
    from pathlib import Path

TYPES = {"temporary": False, "temp": False, "0": False, "storage": True, "1": True}
"""What `type` may be; true where the file stays in the storage. The document and its clients spell it differently."""
_BOUNDARY = re.compile(r';\s*boundary="?([^";]{1,70})"?', re.IGNORECASE)
_STAR = re.compile(r"filename\*\s*=\s*utf-8''([^;\s]+)", re.IGNORECASE)
_NAME = re.compile(r'filename\s*=\s*(?:"([^"]*)"|([^;\s]+))', re.IGNORECASE)
_LONGEST_HEAD = 16 * 1024
_WINDOW = 256 * 1024


class NoUpload(ValueError):
    """The body is none that the service of files takes; the message is what it answers, with 400."""


@dataclass(frozen=True, slots=True)
class Part:
    """The file in a body: its name, its media type, and from where to where it stands."""

    name: str
    media_type: str
    start: int
    end: int


def part_of(file: Path, content_type: str) -> Part:
    """Find the file. Raises NoUpload, and Refused (500) where the source fails."""
    if not content_type.lower().startswith("multipart/"):
        raise NoUpload(f"Expected a multipart request, but got {content_type}")
    boundary = _BOUNDARY.search(content_type)
    if boundary is None or not file.stat().st_size:
        raise Refused(500)
    with file.open("rb") as body:
        return _only_part(body, b"--" + boundary.group(1).encode("latin-1", "replace"))


def _only_part(body: BinaryIO, dashed: bytes) -> Part:
    first = body.read(_LONGEST_HEAD)
    start, head_end = first.find(dashed, 0, len(dashed) + 2), first.find(b"\r\n\r\n")
    if start < 0 or head_end < 0:
        raise Refused(500)
    content = head_end + 4
    end = _find(body, b"\r\n" + dashed, content)
    if end is None:
        raise Refused(500)
    body.seek(end + 2 + len(dashed))
    if body.read(2) != b"--":
        raise NoUpload("Invented by Herald's sandbox: an upload has one part")
    head = first[start + len(dashed) : head_end].decode("utf-8", "replace")
    return Part(_file_name(head), _header(head, "content-type") or "application/octet-stream", content, end)


def _find(body: BinaryIO, sought: bytes, start: int) -> int | None:
    """Return where the sought bytes begin, reading window by window, each with the end of the one before."""
    body.seek(start)
    kept = b""
    while read := body.read(_WINDOW):
        window = kept + read
        found = window.find(sought)
        if found >= 0:
            return start - len(kept) + found
        start += len(read)
        kept = window[1 - len(sought) :]
    return None


def _file_name(head: str) -> str:
    disposition = _header(head, "content-disposition")
    star, plain = _STAR.search(disposition), _NAME.search(disposition)
    name = unquote(star.group(1)) if star else (plain.group(1) or plain.group(2) or "") if plain else ""
    if not name:
        raise NoUpload("Non file content disposition found")
    return name.replace("\\", "/").rpartition("/")[2]


def _header(head: str, name: str) -> str:
    for line in head.split("\r\n"):
        found, separator, value = line.partition(":")
        if separator and found.strip().lower() == name:
            return value.strip()
    return ""
