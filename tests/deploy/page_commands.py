"""The commands of Kubernetes in docs/operations.md and docs/runbook.md, as they stand there."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from tests.support.readme import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
INSTALLATION = "From nothing to a running installation"
_HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)
_BLOCK = re.compile(
    r"^ *<!-- test: kubernetes (?P<overlay>\w+) -->\n *```sh\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Commands:
    """A block of commands, in their order: the section that it stands in, and the overlay that it is about."""

    section: str
    overlay: str
    lines: tuple[str, ...]


def _blocks(page: str) -> list[Commands]:
    made = []
    for found in _BLOCK.finditer(page):
        section = _HEADING.findall(page[: found.start()])[-1:] or [""]
        lines = textwrap.dedent(found["text"]).splitlines()
        made.append(Commands(section[0], found["overlay"], tuple(lines)))
    return made


BLOCKS = [*_blocks(OPERATIONS), *_blocks(RUNBOOK)]
INLINE = re.findall(r"`(kubectl [^`]+)`", OPERATIONS + RUNBOOK)
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
