"""The schemas that ship, a folder for each national system with its source; it may import nothing else of Herald's."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def shipped(system: str) -> Path:
    """Return the folder of the schemas that ship for this system; an operator may mount another instead."""
    return _FOLDER / system


def ships(folder: Path) -> bool:
    """Whether the folder is one that ships: `make test` has checked its schemas by every rule."""
    return folder.resolve().is_relative_to(_FOLDER.resolve())
