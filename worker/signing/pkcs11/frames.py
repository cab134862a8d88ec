"""Requests and answers on the pipes: a JSON object, and byte strings beside it, so that a PIN is never part of a text.

A frame is the length of the JSON (4 bytes, big-endian), the JSON, and the byte strings one after the other; the JSON's
`sizes` has their lengths.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

HEAD = struct.Struct(">I")
MAX_BYTES = 16 * 1024 * 1024


class BrokenFrame(Exception):
    """The other side wrote what is no frame, or ended in the middle of one."""


def packed(fields: dict[str, Any], blobs: Sequence[bytes | bytearray] = ()) -> bytearray:
    """Return the frame, which the caller wipes where it holds a secret."""
    text = json.dumps({**fields, "sizes": [len(blob) for blob in blobs]}).encode()
    frame = bytearray(HEAD.pack(len(text)) + text)
    for blob in blobs:
        frame += blob
    return frame


def sizes_of(text: bytes | bytearray) -> tuple[dict[str, Any], list[int]]:
    """Return the fields and the lengths of the byte strings that follow. Raises BrokenFrame."""
    try:
        fields = json.loads(text)
        sizes = fields.pop("sizes")
        total = sum(sizes)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BrokenFrame("the text of a frame is not what it should be") from None
    if total > MAX_BYTES or any(size < 0 for size in sizes):
        raise BrokenFrame("a frame is too large")
    return fields, sizes


def length_of(head: bytes) -> int:
    """Return the length of the JSON. Raises BrokenFrame."""
    (length,) = HEAD.unpack(head)
    if length > MAX_BYTES:
        raise BrokenFrame("a frame is too large")
    return int(length)


def read(stream: BinaryIO) -> tuple[dict[str, Any], list[bytearray]] | None:
    """Read one frame; None at the end. The byte strings can be wiped. Raises BrokenFrame."""
    head = _exactly(stream, HEAD.size)
    if head is None:
        return None
    fields, sizes = sizes_of(_whole(stream, length_of(bytes(head))))
    return fields, [_whole(stream, size) for size in sizes]


def wipe(secret: bytearray) -> None:
    """Overwrite the bytes in place."""
    secret[:] = bytes(len(secret))


def _whole(stream: BinaryIO, size: int) -> bytearray:
    found = _exactly(stream, size)
    if found is None:
        raise BrokenFrame("the stream ended within a frame")
    return found


def _exactly(stream: BinaryIO, size: int) -> bytearray | None:
    """Read straight into the bytes that are returned, so that no other copy of a PIN remains."""
    found = bytearray(size)
    view, filled = memoryview(found), 0
    while filled < size:
        count = stream.readinto(view[filled:])  # type: ignore[attr-defined]  # an unbuffered file has it
        if not count:
            if filled:
                raise BrokenFrame("the stream ended within a frame")
            return None
        filled += count
    return found
