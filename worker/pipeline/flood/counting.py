"""How many submissions of a party ended in a sliding window of time, and how: when too many are dead letters.

Memory is bounded: counts are kept in slices of the window, for a bounded number of sources and of signers.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.pipeline.flood.causes import THE_SYSTEM, Party, Scope, Sender, blame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from contracts.reasons import Reason

SLICES = 20
"""Into how many slices the window is cut: a dead letter counts for at most one slice longer than the window."""
SEVERAL = 3
"""Failing parties before the wider one counts as the cause: two certificates may expire on one day."""
MOST_PARTIES = 1000
"""Sources, and signers, that are counted; the one without an end for the longest time is forgotten first."""


@immutable
class FloodPolicy:
    """When a party's submissions wait.

    They wait for a person or a probe where more than ``share`` of what ended within ``window`` seconds, and
    ``at_least`` so many, became dead letters by it; ``probe_after`` is in seconds. They wait for a part of a minute
    where a source or a signer has caused ``dead_letters_per_minute``.
    """

    share: float = 0.5
    at_least: int = 50
    window: float = 300.0
    probe_after: float = 900.0
    dead_letters_per_minute: int = 300


@immutable
class Flood:
    """That too much of a party became dead letters. ``reasons``: how many by reason code."""

    why: str
    reasons: Mapping[str, int]


@dataclass(slots=True)
class _Slice:
    """What ended in a part of the window, from ``begin`` on, in seconds of the monotonic clock."""

    begin: float
    well: int = 0
    dead: Counter[str] = field(default_factory=Counter)
    narrower: Counter[str] = field(default_factory=Counter)
    """Dead letters that count for somebody narrower, by reason."""
    names: set[Party] = field(default_factory=set)
    """Whose they are: a few of them."""
    sources: set[str] = field(default_factory=set)
    """Which sources sent them: a few of them."""
    failing: set[str] = field(default_factory=set)
    """Which sources the dead letters are of that count for this party itself: a few of them."""
    served: set[str] = field(default_factory=set)
    """Which sources the others are of: a few of them."""


class FloodCounter:
    """Counts for one party.

    ``sources``: how many sources must fail before the dead letters of somebody narrower count for this party. One
    source must never stop the system, however many signers it has; where it is the only one, its own stop is enough.
    """

    def __init__(self, policy: FloodPolicy, monotonic: Callable[[], float], *, sources: int = 1) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self._sources = sources
        self._width = policy.window / SLICES
        self._slices: deque[_Slice] = deque()

    def well(self, source: str) -> None:
        """Count a submission of this source that ended without a dead letter."""
        now = self._now()
        now.well += 1
        if len(now.served) < SEVERAL:
            now.served.add(source)

    def dead(self, reason: Reason, source: str) -> None:
        """Count a dead letter of this source that this party caused."""
        now = self._now()
        now.dead[reason.value] += 1
        if len(now.failing) < SEVERAL:
            now.failing.add(source)

    def dead_of(self, party: Party, source: str, reason: Reason) -> None:
        """Count a dead letter of somebody narrower, of this source, which this party may have caused."""
        now = self._now()
        now.narrower[reason.value] += 1
        if len(now.names) < SEVERAL:
            now.names.add(party)
        if len(now.sources) < SEVERAL:
            now.sources.add(source)

    @property
    def flood(self) -> Flood | None:
        """Say how many submissions became dead letters, where they are too many; else None."""
        self._forget_old()
        well = sum(one.well for one in self._slices)
        dead = sum((one.dead for one in self._slices), Counter[str]())
        if not well and self._all_fail:
            dead += sum((one.narrower for one in self._slices), Counter[str]())
        number, total = dead.total(), dead.total() + well
        if number < self._policy.at_least or number <= self._policy.share * total or self._of_one_source:
            return None
        window = f"within {self._policy.window:g} s"
        return Flood(f"{number} of the last {total} submissions became dead letters {window}", dict(dead))

    @property
    def _of_one_source(self) -> bool:
        """Whether all dead letters are of one source while others are served: then its own stop is enough."""
        failing = set[str]().union(*(one.failing | one.sources for one in self._slices))
        served = set[str]().union(*(one.served for one in self._slices))
        return self._sources > 1 and len(failing) == 1 and bool(served - failing)

    @property
    def _all_fail(self) -> bool:
        names = set[Party]().union(*(one.names for one in self._slices))
        sources = set[str]().union(*(one.sources for one in self._slices))
        return len(names) >= SEVERAL and len(sources) >= self._sources

    def has_others_served(self, source: str) -> bool:
        """Whether submissions of another source ended without a dead letter."""
        return any(one.served - {source} for one in self._slices)

    def _now(self) -> _Slice:
        now = self._monotonic()
        if self._slices and now < self._slices[-1].begin + self._width:  # almost always
            return self._slices[-1]
        self._forget_old()
        begin = now // self._width * self._width
        if not self._slices or self._slices[-1].begin < begin:
            self._slices.append(_Slice(begin))
        return self._slices[-1]

    def _forget_old(self) -> None:
        oldest = self._monotonic() - self._policy.window - self._width
        while self._slices and self._slices[0].begin <= oldest:
            self._slices.popleft()


class FloodCounters:
    """The counters of one system: its own, and those of its sources and signers."""

    def __init__(
        self, policy: FloodPolicy, monotonic: Callable[[], float], *, most: int = MOST_PARTIES
    ) -> None:
        self.policy = policy
        self._monotonic = monotonic
        self._most = most
        self._counters: dict[Scope, OrderedDict[Party, FloodCounter]] = {one: OrderedDict() for one in Scope}

    def record(
        self, reason: Reason | None, sender: Sender, *, excused: Party | None = None
    ) -> dict[Party, Flood]:
        """Count an end, with the reason of its dead letter where it became one; return whom a flood is seen of.

        A dead letter that somebody narrower caused does not count for the party that is ``excused``.
        """
        if reason is None:
            for party in (THE_SYSTEM, *sender.parties):
                self._of(party).well(sender.source)
            return {}
        own, wider = blame(reason, sender)
        wider = tuple(party for party in wider if party != excused)
        self._of(own).dead(reason, sender.source)
        for party in wider:
            self._of(party).dead_of(own, sender.source, reason)
        seen = ((party, self._of(party).flood) for party in (own, *wider))
        found = {party: flood for party, flood in seen if flood is not None}
        return found or self._of_its_source(own, reason, sender)

    def _of_its_source(self, own: Party, reason: Reason, sender: Sender) -> dict[Party, Flood]:
        """Count for the source too what seems to be the system's, and is no flood of it: one source may cause it."""
        if own != THE_SYSTEM or not sender.source:
            return {}
        source = Party(Scope.SOURCE, sender.source)
        self._of(source).dead(reason, sender.source)
        flood = self._of(source).flood if self._of(THE_SYSTEM).has_others_served(sender.source) else None
        return {source: flood} if flood is not None else {}

    def forget(self, party: Party) -> None:
        """Forget what was counted for a party; for the system, everybody's."""
        if party == THE_SYSTEM:
            for counters in self._counters.values():
                counters.clear()
        self._counters[party.scope].pop(party, None)

    def _of(self, party: Party) -> FloodCounter:
        counters = self._counters[party.scope]
        if party not in counters:
            sources = SEVERAL if party == THE_SYSTEM else 1
            counters[party] = FloodCounter(self.policy, self._monotonic, sources=sources)
            if len(counters) > self._most:
                counters.popitem(last=False)
        counters.move_to_end(party)
        return counters[party]
