"""The schemas that ship with Herald, one folder per national system; its README names the sources."""

from __future__ import annotations

from pathlib import Path


def shipped(system: str) -> Path:
    """Return the folder of the schemas that ship for this system; an operator may mount another instead."""
    return Path(__file__).parent / system
