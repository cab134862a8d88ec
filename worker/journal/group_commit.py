"""The queue of commands to write, and which of them go into the next transaction. No I/O."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from worker.journal.commands import Command, Result
    from worker.journal.held_command import Key


@dataclass(slots=True, eq=False)
class Entry:
    """A command, and the future of the caller that waits for its result; None where no caller waits."""

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
        """Return the next group: in order, one command per key; a key's second command waits for the next group.

        A group has at least one command, however heavy.
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
