"""A PNG of two colours in which every line is the same: all that a bar code needs."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BITS_PER_PIXEL, _GREY = 1, 0
_NO_FILTER = b"\x00"


def black_and_white(row: Sequence[bool], height: int) -> bytes:
    """Return the picture; True is black. Both sides are in pixels."""
    header = struct.pack(">IIBBBBB", len(row), height, _BITS_PER_PIXEL, _GREY, 0, 0, 0)
    lines = (_NO_FILTER + _packed(row)) * height
    return _SIGNATURE + b"".join(
        (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(lines)), _chunk(b"IEND", b""))
    )


def _packed(row: Sequence[bool]) -> bytes:
    """Return eight pixels a byte, the first the highest bit; a set bit is white."""
    bits = "".join("0" if black else "1" for black in row)
    padded = bits.ljust(-(-len(bits) // 8) * 8, "1")
    return int(padded, 2).to_bytes(len(padded) // 8, "big")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
