"""The records of one partition that were set aside: read, not processed, and to be read again. No I/O.

Only their offsets are kept, each with its ordering key (a digest) and why it waits. What follows under a key that has
something set aside is set aside too, so the order within the key stays.
"""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from worker.pipeline.flood.causes import Hold, Party

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.pipeline.ports import Record

KeptKey: TypeAlias = bytes | int
"""A digest, as keys may be large; the offset of a record without a key, which has no order to keep."""


class _Entry(NamedTuple):
    key: KeptKey
    hold: Hold


def kept_key(record: Record) -> KeptKey:
    """Return a digest of a record's ordering key."""
    return hashlib.blake2b(record.key, digest_size=16).digest() if record.key else record.offset


class SetAsideOffsets:
    """The offsets that wait, and how far reading them again has come."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._by_key: dict[KeptKey, deque[int]] = {}
        self._expected: deque[int] = deque()
        self._until: int | None = None
        self.parties: Counter[Party] = Counter()
        """How many wait, by their cause."""
        self.at: int | None = None
        """While they are read again: the offset that comes next. None while they are not."""

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def first(self) -> int | None:
        """The lowest offset that waits, or None."""
        return min(self._entries, default=None)

    def add(self, offset: int, key: KeptKey, hold: Hold) -> None:
        """Set a record aside: behind those of its key, or before them where it had been taken already."""
        self._entries[offset] = _Entry(key, hold)
        self.parties[hold.party] += 1
        offsets = self._by_key.setdefault(key, deque())
        if offsets and offset < offsets[0]:
            offsets.appendleft(offset)
        else:
            offsets.append(offset)

    def blocked(self, key: KeptKey) -> Hold | None:
        """Say why the next record of a key waits: the first of the key does; or None."""
        offsets = self._by_key.get(key)
        return Hold(self._entries[offsets[0]].hold.party, stopped=False) if offsets else None

    def again(self, offset: int, find: Callable[[], Hold | None]) -> Hold | None:
        """Take a record that is read again, and return why it had waited; None where it must not be taken.

        ``find`` says why it has to go on waiting, or None. A record that does not wait was taken before.
        """
        entry = self._entries.get(offset)
        if entry is None:
            return None
        first = self._by_key[entry.key][0]
        hold = find() if first == offset else Hold(self._entries[first].hold.party, stopped=False)
        if hold is None:
            self._remove(offset)
            return entry.hold
        # A record that once waited in a stop is known as such until it is taken.
        self._label(offset, _Entry(entry.key, Hold(hold.party, hold.stopped or entry.hold.stopped)))
        return None

    def lowest(self, waits: Callable[[Party], bool]) -> int | None:
        """Return the lowest offset whose party need no longer wait, or None."""
        free = {party for party in self.parties if not waits(party)}
        if not free:
            return None
        return min(offset for offset, one in self._entries.items() if one.hold.party in free)

    def read_again(self, offset: int, until: int) -> None:
        """Note that reading goes back to this offset, up to where it had come."""
        self.at, self._until = offset, until
        self._expected = deque(sorted(one for one in self._entries if one >= offset))

    def passed(self, offset: int) -> list[int]:
        """Note that reading has come to this offset again; return what waited below it and did not come."""
        gone = []
        while self._expected and self._expected[0] < offset:
            missed = self._expected.popleft()
            if missed in self._entries:
                gone.append(missed)
                self._remove(missed)
        self._advance(offset)
        return gone

    def came(self, offset: int) -> list[int]:
        """Note that a record was read again; return what waited before it and did not come."""
        gone = self.passed(offset)
        if self._expected and self._expected[0] == offset:
            self._expected.popleft()
        self._advance(offset + 1)
        return gone

    def _advance(self, offset: int) -> None:
        if self.at is not None and self._until is not None:
            self.at = max(self.at, offset)
            if self.at >= self._until:
                self.end_reading_again()

    def end_reading_again(self) -> None:
        """Note that reading goes on where it had come before."""
        self.at = self._until = None
        self._expected.clear()

    def _label(self, offset: int, entry: _Entry) -> None:
        self._discount(self._entries[offset].hold.party)
        self._entries[offset] = entry
        self.parties[entry.hold.party] += 1

    def _remove(self, offset: int) -> None:
        entry = self._entries.pop(offset)
        self._discount(entry.hold.party)
        offsets = self._by_key[entry.key]
        offsets.remove(offset)
        if not offsets:
            del self._by_key[entry.key]

    def _discount(self, party: Party) -> None:
        self.parties[party] -= 1
        if not self.parties[party]:
            del self.parties[party]
