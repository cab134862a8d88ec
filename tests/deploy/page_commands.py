"""The commands of Kubernetes in the pages for operators and in docs/runbook.md, as they stand there."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from tests.support.readme import ROOT

OPERATIONS, UPGRADES, COMMANDS, RUNBOOK = (
    (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for name in ("operations", "upgrades", "commands", "runbook")
)
INSTALLATION = "From nothing to a running installation"
_HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)
_BLOCK = re.compile(
    r"^ *<!-- test: kubernetes (?P<overlay>\w+) -->\n *```sh\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of commands, in their order: the section that it stands in, and the overlay that it is about."""

    section: str
    overlay: str
    lines: tuple[str, ...]


def _blocks(page: str) -> list[Block]:
    made = []
    for found in _BLOCK.finditer(page):
        section = _HEADING.findall(page[: found.start()])[-1:] or [""]
        lines = textwrap.dedent(found["text"]).splitlines()
        made.append(Block(section[0], found["overlay"], tuple(lines)))
    return made


_PAGES = (OPERATIONS, UPGRADES, COMMANDS, RUNBOOK)
BLOCKS = [block for page in _PAGES for block in _blocks(page)]
INLINE = re.findall(r"`(kubectl [^`]+)`", "".join(_PAGES))
"""Those in sentences; they are about the installation for production."""
OF_ALERTS = re.findall(r"^kubectl -n .+$", RUNBOOK, re.MULTILINE)
"""Those of the sections of alerts, three each with those of Herald; about production, too."""


def lines_of(overlay: str, *, installing: bool = False) -> list[str]:
    """Return the lines of the blocks about an overlay, in their order; with or without those that install it."""
    return [
        line
        for block in BLOCKS
        if block.overlay == overlay and (block.section == INSTALLATION) == installing
        for line in block.lines
    ]
