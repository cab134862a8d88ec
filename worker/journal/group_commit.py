"""The queue of commands to write, which of them go into the next transaction, and when. No I/O."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
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
    at: float = 0.0
    """When it came, by the event loop's clock."""
    key: Key = field(init=False)

    def __post_init__(self) -> None:
        self.key = self.command.key


ENOUGH = 20
"""Commands for which a group waits no longer: what a transaction costs is shared by then."""


class Waiting:
    """The queue before the writer. ``max_count`` commands or ``max_weight`` bytes make a group full.

    A command waits for ``max_wait`` seconds at most for others to be written with, and only where a command of another
    key came within as long before: a submission that is alone waits for nobody.
    """

    def __init__(self, *, max_count: int, max_weight: int, max_wait: float = 0.0) -> None:
        self._entries: deque[Entry] = deque()
        self._max_count = max_count
        self._max_weight = max_weight
        self._max_wait = max_wait
        self._last_key: Key | None = None
        self._last_at = self._other_at = float("-inf")

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, entry: Entry) -> None:
        """Add at the end."""
        self._entries.append(entry)
        if entry.key != self._last_key:
            self._last_key, self._other_at = entry.key, self._last_at
        self._last_at = entry.at

    def pause(self, now: float) -> float:
        """Return for how many seconds the next group still waits for others."""
        alone = now - self._other_at > self._max_wait
        if alone or not 0 < len(self._entries) < ENOUGH:
            return 0.0
        return max(self._entries[0].at + self._max_wait - now, 0.0)

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
            if entry.key in keys:
                later.append(entry)
                continue
            keys.add(entry.key)
            weight += entry.command.weight
            group.append(entry)
        self._entries.extendleft(reversed(later))
        return group
