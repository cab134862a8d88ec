"""The schemas that ship, a folder for each national system with its source; it may import nothing else of Herald's."""

from __future__ import annotations

from pathlib import Path


def shipped(system: str) -> Path:
    """Return the folder of the schemas that ship for this system; an operator may mount another instead."""
    return Path(__file__).parent / system
