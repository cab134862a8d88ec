"""What a change of a contract is called, and who it breaks. Pure."""

from __future__ import annotations

from enum import Enum

from contracts.immutable import immutable


class Side(Enum):
    """Who writes the documents of a schema; the other side breaks at a change."""

    REQUEST = "request"
    """A hospital writes them: what was valid must remain valid."""
    REPLY = "reply"
    """Herald writes them: what is written must remain what readers were promised. They ignore further members."""


@immutable
class Breaking:
    """One breaking change: in which schema, at which member (a JSON path), by which rule, and what it does."""

    schema: str
    path: str
    rule: str
    detail: str

    def __str__(self) -> str:
        """Return the change as one sentence."""
        return f"{self.schema} {self.path} [{self.rule}]: {self.detail}."
