"""Several documents as the body of one request: `multipart/form-data` (RFC 7578). Pure.

The boundary follows from the parts, so that the same event makes the same bytes at every attempt.
"""

from __future__ import annotations

import hashlib
from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Sequence


@immutable
class Part:
    """One part; its names hold neither quotation marks nor line breaks, as the contract says."""

    name: str
    file_name: str | None = field(repr=False)
    content_type: str
    content: bytes = field(repr=False)


def encoded(parts: Sequence[Part]) -> tuple[bytes, str]:
    """Return the body and its content type."""
    blocks = [_head(part) + part.content for part in parts]
    boundary = _boundary(blocks)
    body = b"".join(b"--" + boundary + b"\r\n" + block + b"\r\n" for block in blocks)
    return body + b"--" + boundary + b"--\r\n", f"multipart/form-data; boundary={boundary.decode()}"


def _head(part: Part) -> bytes:
    file = "" if part.file_name is None else f'; filename="{part.file_name}"'
    lines = (
        f'Content-Disposition: form-data; name="{part.name}"{file}',
        f"Content-Type: {part.content_type}",
        "",
        "",
    )
    return "\r\n".join(lines).encode()


def _boundary(blocks: Sequence[bytes]) -> bytes:
    """Return a boundary that occurs in no part."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(len(block).to_bytes(8) + block)
    while True:
        boundary = b"herald-" + digest.hexdigest()[:32].encode()
        if not any(boundary in block for block in blocks):
            return boundary
        digest.update(boundary)
