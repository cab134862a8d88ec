"""Which part of a file is asked for (RFC 9110, section 14): pure."""

from __future__ import annotations

import re

from contracts.immutable import immutable

_SINGLE = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})")


@immutable
class Part:
    """Bytes from ``start`` up to, not including, ``end``. ``whole``: nothing else was asked for."""

    start: int
    end: int
    whole: bool = False


def part_of(size: int, asked: str | None, condition: str | None, tag: str) -> Part | None:
    """Return the part that a Range header asks for; None where the file has no such part (416).

    What is no single range of bytes is ignored, as the standard allows, and so is one whose If-Range (``condition``)
    names another file than ``tag``.
    """
    whole = Part(0, size, whole=True)
    said = _SINGLE.fullmatch((asked or "").strip())
    if said is None or not (said["first"] or said["last"]) or condition not in {None, tag}:
        return whole
    if not said["first"]:
        length = min(int(said["last"]), size)
        return Part(size - length, size) if length else None
    first = int(said["first"])
    last = int(said["last"]) if said["last"] else size - 1
    if said["last"] and last < first:
        return whole
    return Part(first, min(last + 1, size)) if first < size else None
