"""Whether a file has changed, by what the file system says of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Stamp: TypeAlias = tuple[int, ...] | None
"""What distinguishes one content of a file from the next; None for a file that cannot be found."""


def stamp_of(path: Path) -> Stamp:
    """Return the stamp of what the path leads to at this moment.

    A Kubernetes Secret replaces a link above its files: the path then leads to another file. A file that is replaced
    is another file too, and one that is written in place has another time.
    """
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def stamps_of(paths: Iterable[Path]) -> Mapping[Path, Stamp]:
    """Return the stamps of all of them. Blocks: call it off the event loop."""
    return {path: stamp_of(path) for path in paths}


def paths_in(settings: object) -> Iterator[Path]:
    """Yield every path that a section of the settings names."""
    if isinstance(settings, Path):
        yield settings
    elif isinstance(settings, BaseModel):
        for name in type(settings).model_fields:
            yield from paths_in(getattr(settings, name))
    elif isinstance(settings, dict):
        for one in settings.values():
            yield from paths_in(one)
    elif isinstance(settings, tuple | list | frozenset):
        for one in settings:
            yield from paths_in(one)
