"""How many dead letters a source or a signer may cause in a minute, before the rest of its submissions wait.

Each worker counts by itself. To bound the memory, a limited number of parties have a count of their own, and the others
share one.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from worker.pipeline.flood.causes import MOST_LIMITED, OTHERS, Party

if TYPE_CHECKING:
    from collections.abc import Callable

MINUTE = 60.0
MOST_REFUSED = 10_000
"""Parties that are remembered as refused; an earlier one is then read again once more."""


class Allowance:
    """Counts the dead letters of the last minute by party, in whole seconds."""

    def __init__(self, per_minute: int, monotonic: Callable[[], float], *, most: int = MOST_LIMITED) -> None:
        self._per_minute = per_minute
        self._monotonic = monotonic
        self._most = most
        self._taken: dict[Party, deque[tuple[float, int]]] = {}
        self._used_up: set[Party] = set()
        self._refused: dict[Party, None] = {}
        """Of the parties that share one count, those whose dead letter was refused: the others do not wait."""

    def take(self, party: Party) -> bool:
        """Take one dead letter of this minute's; False where none is left."""
        counted = self._counted_as(party)
        if self._waits(counted) or self._used(counted) >= self._per_minute:
            self._used_up.add(counted)
            self._refuse(party)
            return False
        taken, second = self._taken.setdefault(counted, deque()), self._monotonic() // 1
        number = taken.pop()[1] if taken and taken[-1][0] == second else 0
        taken.append((second, number + 1))
        if self._used(counted) >= self._per_minute:
            self._used_up.add(counted)
        return True

    def used_up(self, party: Party) -> bool:
        """Whether the party has to wait: from when it has used up its minute until a quarter is free again.

        Its records are read again when it need no longer wait, and that is not worth it for a single one.
        """
        counted = self._counted_as(party)
        return self._waits(counted) and (counted == party or party in self._refused)

    @property
    def refuses(self) -> bool:
        """Whether anybody may have to wait."""
        return bool(self._used_up)

    @property
    def waiting(self) -> tuple[Party, ...]:
        """The parties that have to wait."""
        return tuple(party for party in sorted(self._used_up) if self.used_up(party))

    def _waits(self, counted: Party) -> bool:
        if counted in self._used_up and self._used(counted) <= self._per_minute * 3 // 4:
            self._used_up.discard(counted)
            self._refused.clear()
        return counted in self._used_up

    def _refuse(self, party: Party) -> None:
        self._refused[party] = None
        if len(self._refused) > MOST_REFUSED:
            del self._refused[next(iter(self._refused))]

    def _counted_as(self, party: Party) -> Party:
        if party in self._taken or len(self._taken) < self._most:
            return party
        for known in [one for one in self._taken if not self._used(one)]:
            del self._taken[known]
        return party if len(self._taken) < self._most else Party(party.scope, OTHERS)

    def _used(self, party: Party) -> int:
        taken, oldest = self._taken.get(party), self._monotonic() - MINUTE - 1
        if taken is None:
            return 0
        while taken and taken[0][0] <= oldest:
            taken.popleft()
        return sum(number for _, number in taken)
