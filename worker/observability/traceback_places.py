"""Where an exception came from, without the values: they may be health data."""

from __future__ import annotations

from pathlib import PurePath
from traceback import walk_tb
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from types import TracebackType


class TracebackPlace(NamedTuple):
    """One call on the way to an exception."""

    line: str
    """The last three parts of the file's path, and the line's number: `worker/pipeline/engine.py:120`."""
    function: str


def places_of(trace: TracebackType | None) -> list[TracebackPlace]:
    """Return the calls of a traceback, the outermost first."""
    return [
        TracebackPlace(
            f"{'/'.join(PurePath(frame.f_code.co_filename).parts[-3:])}:{line}", frame.f_code.co_name
        )
        for frame, line in walk_tb(trace)
    ]
