"""The codings of Content-Encoding (RFC 9110, 8.4), each decoded within a bound: gzip, deflate, and no others.

aiohttp decodes too, but unbounded: 16 KB can become 16 MB, and codings stack.
"""

from __future__ import annotations

import zlib
from typing import Final, Protocol

from worker.transport.failures import BrokenAnswer

MOST_LAYERS = 3
"""Codings over each other; more are no server's slip."""
MOST_MEMBERS = 10_000
"""Members of one gzip stream; each costs time, however little it holds."""
_SLICE = 16 * 1024
"""Bytes that are looked at together: what follows a member's end is copied."""
_PADDING: Final = b"\0\r\n"
_GZIP: Final = zlib.MAX_WBITS | 16
_RAW: Final = -zlib.MAX_WBITS
_ZLIB_METHOD = 8
_HEADER_BYTES = 2
_NOT_DECODED = frozenset({
    "aes128gcm", "br", "brotli", "bzip2", "compress", "dcb", "dcz", "exi", "lzma", "pack200-gzip", "x-bzip2",
    "x-compress", "xz", "zstd",
})  # fmt: skip
"""Codings that exist (IANA's registry, and what servers are known to use) and that were not asked for."""


class Decoder(Protocol):
    """One layer. ``full`` is set where it has yielded more than its bound, which then is one byte beyond it."""

    full: bool

    def decode(self, data: bytes) -> bytes:
        """Return what these bytes yield. Raises BrokenAnswer."""

    def finish(self) -> None:
        """Check that the end is one. Raises BrokenAnswer."""


def decoders(header: str, limit: int) -> list[Decoder]:
    """Return the layers to take off, outermost first. Raises BrokenAnswer for a coding that was not asked for.

    A token that names no coding (`none`, `utf-8`) is a server's slip: as browsers do, the body is taken as it is.
    """
    layers: list[Decoder] = []
    for token in reversed(header.lower().split(",")):
        name = token.strip().strip("\"'")
        if name in {"gzip", "x-gzip"}:
            layers.append(_Gzip(limit))
        elif name in {"deflate", "x-deflate"}:
            layers.append(_Deflate(limit))
        elif name in _NOT_DECODED:
            raise BrokenAnswer("its Content-Encoding was not asked for")
    if len(layers) > MOST_LAYERS:
        raise BrokenAnswer("it is encoded too many times")
    return layers


class _Gzip:
    """A gzip stream of one member or several (RFC 1952, 2.2); zeros or a line break may follow, as tools add them."""

    def __init__(self, limit: int) -> None:
        self.full = False
        self._left = limit + 1
        self._stream = zlib.decompressobj(_GZIP)
        self._begun = False
        self._ended = 0

    def decode(self, data: bytes) -> bytes:
        found = bytearray()
        for start in range(0, len(data), _SLICE):
            part = data[start : start + _SLICE]
            while part and not self.full:
                part = self._decode_member(part, found)
        return bytes(found)

    def _decode_member(self, data: bytes, found: bytearray) -> bytes:
        """Add what the present member yields, and return what follows its end."""
        if not self._begun and not (data := self._without_padding(data)):
            return b""
        self._begun = True
        part, rest = _inflate(self._stream, data, self._left, "gzip")
        found += part
        self._left -= len(part)
        self.full = self._left == 0
        if self._stream.eof:
            self._stream, self._begun = zlib.decompressobj(_GZIP), False
            self._ended += 1
            if self._ended > MOST_MEMBERS:
                raise BrokenAnswer("its gzip stream has too many members")
        return rest

    def _without_padding(self, data: bytes) -> bytes:
        """Pass over padding after a member. Raises BrokenAnswer where what follows is no member either."""
        if not self._ended:
            return data
        rest = data.lstrip(_PADDING)
        if rest and not rest.startswith(b"\x1f"):
            raise BrokenAnswer("bytes follow its gzip stream")
        return rest

    def finish(self) -> None:
        if self._begun:
            raise BrokenAnswer("its gzip stream has no end")


class _Deflate:
    """A zlib stream (RFC 1950), as `deflate` means; or a raw one (RFC 1951), as some servers understand it."""

    def __init__(self, limit: int) -> None:
        self.full = False
        self._left = limit + 1
        self._head = b""
        self._stream: zlib._Decompress | None = None

    def decode(self, data: bytes) -> bytes:
        if self._stream is None:
            data = self._head = self._head + data
            if len(data) < _HEADER_BYTES:
                return b""
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if _is_zlib(data) else _RAW)
        if self._stream.eof and data.strip(_PADDING):
            raise BrokenAnswer("bytes follow its deflate stream")
        part, rest = _inflate(self._stream, data, self._left, "deflate")
        if rest.strip(_PADDING):
            raise BrokenAnswer("bytes follow its deflate stream")
        self._left -= len(part)
        self.full = self._left == 0
        return part

    def finish(self) -> None:
        if self._stream is None or not self._stream.eof:
            raise BrokenAnswer("its deflate stream has no end")


def _is_zlib(data: bytes) -> bool:
    return data[0] & 0x0F == _ZLIB_METHOD and int.from_bytes(data[:_HEADER_BYTES], "big") % 31 == 0


def _inflate(stream: zlib._Decompress, data: bytes, at_most: int, name: str) -> tuple[bytes, bytes]:
    """Return what the data yields, and what follows the stream's end in them."""
    try:
        found = stream.decompress(data, at_most)
    except zlib.error:
        raise BrokenAnswer(f"its {name} stream is broken") from None
    return found, stream.unused_data
