"""The headers of an answer, bounded."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from worker.transport.failures import BrokenAnswer

if TYPE_CHECKING:
    from collections.abc import Collection

MOST_HEADER_BYTES = 64 * 1024
"""Of an answer, all together; aiohttp's own default (8190 bytes for one) is less than policies and tickets need."""
MOST_HEADERS = 256


def answer_headers(raw: Collection[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return them with names in lower case; what comes twice is joined by a comma. Raises BrokenAnswer."""
    if sum(map(len, chain.from_iterable(raw))) > MOST_HEADER_BYTES:
        raise BrokenAnswer(f"its headers have more than {MOST_HEADER_BYTES} bytes")
    found: dict[str, str] = {}
    for field, value in raw:
        name, text = field.lower().decode("latin-1"), _text(value)
        found[name] = f"{found[name]}, {text}" if name in found else text
    # llhttp refuses this in most headers, but uses such a Content-Length or Transfer-Encoding, which others ignore.
    if any(name.endswith((" ", "\t")) for name in found):
        raise BrokenAnswer("a space stands before the colon of a header")
    return found


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
