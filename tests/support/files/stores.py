"""Values for tests of the file store. The people in them are invented, as is what their files hold."""

from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any

from worker.file_store import FileOwner, NewFile

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

FILES: dict[str, Any] = {}
"""The section `files` as most tests have it."""
OWNER = FileOwner("nhis", "urn:hospital:1", "s-1")


def new_file(name: str = "f-1", content: bytes | None = None, **changes: Any) -> NewFile:
    """Return what is known of a file before it is written; with ``content``, its digest and size too."""
    values: dict[str, Any] = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
        "owner": OWNER,
        "media_type": "application/pdf",
        "name": "epicrisis of Проба.pdf",
    }
    if content is not None:
        values |= {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    return NewFile(**(values | changes))


async def chunks_of(*chunks: bytes) -> AsyncIterator[bytes]:
    """Yield chunks."""
    for chunk in chunks:
        yield chunk


async def many(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield the chunks of an iterable as they are made."""
    for chunk in chunks:
        yield chunk


async def whole(chunks: AsyncIterator[bytes]) -> bytes:
    """Return all of what is read."""
    return b"".join([chunk async for chunk in chunks])
