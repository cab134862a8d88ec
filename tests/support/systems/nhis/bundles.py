"""Other bundles in the place of ours, as a ministry might publish them."""

from __future__ import annotations

import shutil
from pathlib import Path

from schemas import shipped


def bundle_of_moments(directory: Path) -> Path:
    """Make a bundle with a date and time wherever ours has a date. Return its folder in `directory`."""
    folder = Path(shutil.copytree(shipped("nhis"), directory / "moments"))
    entities = folder / "NHIS-Entities.xsd"
    text = entities.read_text(encoding="utf-8")
    entities.write_text(text.replace('base="xs:date"', 'base="xs:dateTime"'), encoding="utf-8")
    return folder
