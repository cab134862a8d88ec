"""What waits to be written, and which of it goes into the next transaction. No I/O."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from worker.journal.commands import Command, Key, Result


@dataclass(slots=True, eq=False)
class Entry:
    """A command and who waits for it; nobody does where the writing may be late."""

    command: Command
    future: asyncio.Future[Result] | None


class Waiting:
    """The queue before the writer. ``max_count`` commands or ``max_weight`` bytes make a group full."""

    def __init__(self, *, max_count: int, max_weight: int) -> None:
        self._entries: deque[Entry] = deque()
        self._max_count = max_count
        self._max_weight = max_weight

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, entry: Entry) -> None:
        """Add at the end."""
        self._entries.append(entry)

    def take(self) -> list[Entry]:
        """Return the next group: in order, one command per key; a second of a key waits for the next.

        One command always goes, however heavy.
        """
        group: list[Entry] = []
        later: list[Entry] = []
        keys: set[Key] = set()
        weight = 0
        while self._entries and len(group) < self._max_count and weight < self._max_weight:
            entry = self._entries.popleft()
            key = entry.command.key
            if key in keys:
                later.append(entry)
                continue
            keys.add(key)
            weight += entry.command.weight
            group.append(entry)
        self._entries.extendleft(reversed(later))
        return group
