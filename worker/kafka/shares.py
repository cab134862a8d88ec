"""How much of the window one source, or one signer, may take up. Policy only.

Without a share each, the window would fill with the submissions of one signer that wait for its circuit, or of one
source that floods, and nobody else's would be taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.pipeline.flood.causes import Hold, Party, Scope, Sender

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class _Part:
    records: int = 0
    size: int = 0
    full: bool = False


class WindowShares:
    """Counts the window's records and bytes by party. ``shares``: the most of each, as a part of the window.

    A party that has reached its share has room again when half of it is free: the records that waited for that are
    read again, and that is not worth it for a single one.
    """

    def __init__(self, shares: Mapping[Scope, float], *, max_records: int, max_bytes: int) -> None:
        self._most = {
            scope: (max(1, int(share * max_records)), max(1, int(share * max_bytes)))
            for scope, share in shares.items()
            if share < 1
        }
        self._parts: dict[Party, _Part] = {}

    def add(self, sender: Sender, size: int) -> None:
        """Count a record that enters the window."""
        for party in sender.parties:
            part = self._parts.setdefault(party, _Part())
            part.records += 1
            part.size += size
            if party.scope in self._most:
                records, most = self._most[party.scope]
                part.full = part.full or part.records >= records or part.size >= most

    def remove(self, sender: Sender, size: int) -> None:
        """Count a record that leaves it."""
        for party in sender.parties:
            part = self._parts[party]
            part.records -= 1
            part.size -= size
            if not part.records:
                del self._parts[party]
            elif part.full:
                records, most = self._most[party.scope]
                part.full = part.records > records // 2 or part.size > most // 2

    def holds(self, party: Party) -> bool:
        """Whether no more of this party is taken."""
        part = self._parts.get(party)
        return part is not None and part.full

    def hold(self, sender: Sender) -> Hold | None:
        """Say whose share keeps a record of this sender out, or None."""
        return next((Hold(party, stopped=False) for party in sender.parties if self.holds(party)), None)
