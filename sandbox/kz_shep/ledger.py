"""The ledger of searches, in memory. No identifier in the clear, no password; no document that was signed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Search:
    """One search that was done; ``asked`` is the pseudonym of its criterion."""

    seq: int
    service: str
    way: str
    asked: str
    sender: str
    found: int
    at: str


class Ledger:
    """All searches in order, and how many documents the NCANode signed."""

    def __init__(self) -> None:
        self.searches: list[Search] = []
        self.documents_signed = 0

    def add(self, *, service: str, way: str, asked: str, sender: str, found: int, at: datetime) -> None:
        """Note a search."""
        seq = len(self.searches) + 1
        self.searches.append(Search(seq, service, way, asked, sender, found, at.isoformat()))

    def shown(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        searches = [asdict(search) for search in self.searches]
        return {"searches": searches, "documents_signed": self.documents_signed}

    def forget(self) -> None:
        """Forget everything."""
        self.searches.clear()
        self.documents_signed = 0
