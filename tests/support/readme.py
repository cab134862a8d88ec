"""The fenced blocks of a page, each with the marker before it that says how it is tested."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
_BLOCK = re.compile(
    r"^(?:<!-- test: (?P<test>[^\n]*) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; ``test`` is None where no marker stands before it."""

    test: str | None
    language: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    """Return a page's blocks in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found["test"], found["language"], found["text"], text.count("\n", 0, found.start()) + 1)
        for found in _BLOCK.finditer(text)
    ]


def marked(page: Path, *tests: str) -> list[Block]:
    """Return the blocks whose marker begins with one of `tests`."""
    return [block for block in blocks(page) if block.test and block.test.split()[0] in tests]
