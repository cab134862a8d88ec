"""The flood guard: a party that causes too many dead letters has to wait, and no other.

A stop of one source, of one signer or of the whole system is in the journal, so that it holds for all workers of a
system and survives their restarts, and so that `herald intake resume` can end it. How many dead letters a minute a
source or a signer may cause is each worker's own.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from worker.pipeline.flood.allowance import Allowance
from worker.pipeline.flood.causes import THE_SYSTEM, Hold, Party, Scope, blame
from worker.pipeline.flood.counting import MOST_PARTIES
from worker.pipeline.flood.known_stops import KnownStops
from worker.pipeline.ports import JournalOutage
from worker.pipeline.shutdown import SetAside, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from contracts.reasons import Reason
    from worker.pipeline.flood.causes import Sender
    from worker.pipeline.flood.counting import FloodCounters
    from worker.pipeline.ports import Clock, Stop, Stops
    from worker.pipeline.shutdown import Shutdown

log = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds between two readings of the stops in the journal."""
LONGEST_PROBE = 60.0
"""Seconds that a worker has for a probe before another worker may make one."""


class FloodGuard:
    """The flood guard of one system's submissions in this worker.

    ``on_change`` is called when `takes` may have changed. ``can_probe`` says whether this worker can get records of
    a party at all: one that cannot makes no probe.
    """

    def __init__(
        self,
        system: str,
        counters: FloodCounters,
        stops: Stops,
        clock: Clock,
        *,
        on_change: Callable[[], None] = lambda: None,
        can_probe: Callable[[Party], bool] = lambda _: True,
    ) -> None:
        self._system = system
        self._counters = counters
        self._allowance = Allowance(counters.policy.dead_letters_per_minute, clock.monotonic)
        self._stops = stops
        self._clock = clock
        self._known = KnownStops()
        self._excused: set[asyncio.Task[object]] = set()
        """Work on records that waited in a stop of their source, which was lifted."""
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._on_change = on_change
        self._can_probe = can_probe

    @property
    def stop_reason(self) -> str | None:
        """Return why the entire intake is stopped, or None."""
        return self._known.why(THE_SYSTEM)

    @property
    def takes(self) -> bool:
        """Whether records are wanted: always but in a stop of the system, and then for the probe."""
        return not self._known.is_stopped(THE_SYSTEM)

    @property
    def stopped(self) -> dict[Party, str]:
        """The sources and signers whose submissions wait for a person or a probe, with the reason."""
        parties = sorted(self._known.parties - {THE_SYSTEM})
        return {party: why for party in parties if (why := self._known.why(party)) is not None}

    @property
    def limited(self) -> tuple[Party, ...]:
        """The sources and signers that have used up this minute's dead letters."""
        return self._allowance.waiting

    def holds(self, party: Party) -> bool:
        """Whether a source's or a signer's submissions wait."""
        return self._known.is_stopped(party) or self._allowance.used_up(party)

    def hold(self, sender: Sender) -> Hold | None:
        """Say why a sender's submissions wait, or None."""
        if not self._known and not self._allowance.refuses:  # almost always
            return None
        return next((self._known.held(party) for party in sender.parties if self.holds(party)), None)

    def admit(self, sender: Sender, *, waited: bool) -> Hold | None:
        """Let this task begin a record of the sender, as a probe where one is wanted; else say why it waits.

        ``waited``: it waited in a stop that was lifted. What is wrong with the event itself is so still, so it is not
        counted again: the stop would be back after every `resume`, until the last of them.
        """
        if hold := self.hold(sender):
            return hold
        self._known.take_probes(sender.parties)
        if waited and (task := asyncio.current_task()) is not None:
            self._excused.add(task)
        return None

    async def wait(self, shutdown: Shutdown) -> None:
        """Wait in a stop of the system, unless this record is the probe. Raises Released in a shutdown."""
        while self.stop_reason is not None:
            if not self._known.is_stopped(THE_SYSTEM):
                self._known.take_probes([THE_SYSTEM])
                self._change(THE_SYSTEM)
                return
            await until(asyncio.ensure_future(self._flowing.wait()), shutdown)

    def dies(self, reason: Reason, sender: Sender, *, sent: bool = False) -> None:
        """Note that a submission is about to become a dead letter. Raises SetAside where it has to wait instead.

        One that was ``sent`` never has to: only its dead letter shows how it ended.
        """
        party, _ = blame(reason, sender)
        if not sent and party != THE_SYSTEM and not self._known.is_probe(party):
            if self._known.is_stopped(party):
                raise SetAside(self._known.held(party))
            self._known.take_probes([party])
            self._take(party, sender)
        elif party != THE_SYSTEM:
            self._allowance.take(party)
        self._known.end_probe(well=False)
        self._count(reason, sender)

    def _take(self, party: Party, sender: Sender) -> None:
        """Take one of this minute's dead letters, of the source too: it may invent signers. Raises SetAside."""
        source = Party(Scope.SOURCE, sender.source)
        for one in (party,) if party.scope is Scope.SOURCE or not sender.source else (party, source):
            if not self._allowance.take(one):
                raise SetAside(self._known.held(one))

    def ends_well(self, sender: Sender) -> None:
        """Note that a submission ended without a dead letter."""
        self._known.end_probe(well=True)
        self._count(None, sender)

    def _count(self, reason: Reason | None, sender: Sender) -> None:
        # Records in progress at a stop of the system still come to their end; only the probe decides about the stop.
        if self._known.is_in_force(THE_SYSTEM) or self._is_excused(reason, sender):
            return
        # Of what waited until its source's stop was lifted, only the signers are counted, and the system.
        excused = Party(Scope.SOURCE, sender.source) if self._has_waited() else None
        for party, flood in self._counters.record(reason, sender, excused=excused).items():
            if self._known.why(party) is None and len(self._known) < MOST_PARTIES:
                self._known.find(party, flood)
                log.error(
                    "a flood of dead letters: submissions are stopped",
                    extra={**party.logged, "detail": flood.why},
                )
                self._change(party)

    def done(self) -> None:
        """Note that the work on a record is over. Where the probe ended nothing, the next record is the probe."""
        if self._excused and (task := asyncio.current_task()) is not None:
            self._excused.discard(task)
        for party in self._known.leave_probe():
            self._change(party)

    async def run(self) -> None:
        """Follow the stops in the journal until cancelled."""
        while True:
            try:
                await self.look()
            except JournalOutage:
                log.info("the journal is unavailable: stops do not change")
            except Exception:  # a guard that ends would leave intake as it is for good
                log.exception("the flood guard failed")
            await self._clock.sleep(LOOK)

    async def look(self) -> None:
        """Write this worker's stops to the journal, and adopt the journal's stops. Raises JournalOutage."""
        # A flood that is seen while the journal is asked is not among these: the next look writes it.
        known = self._known.parties
        for party, flood in self._known.not_written.items():
            if not self._known.is_in_force(party):
                await self._stops.stop(self._system, party, flood, self._counters.policy.probe_after)
        for stop in self._known.ended_well:
            await self._stops.lift(self._system, stop)
        found = {stop.party: stop for stop in await self._stops.in_force(self._system)}
        for party in found.keys() | known:
            self._follow(party, found.get(party))
        for party, stop in found.items():
            if stop.probe_due and self._can_probe(party) and await self._takes_probe(party):
                log.warning("submissions are stopped: one is tried", extra=party.logged)
                self._known.want_probe(party)
                self._change(party)

    async def _takes_probe(self, party: Party) -> bool:
        # A worker that has no record to try leaves the probe to another worker soon.
        again = min(self._counters.policy.probe_after, LONGEST_PROBE)
        return await self._stops.take_probe(self._system, party, again)

    def _follow(self, party: Party, found: Stop | None) -> None:
        if not self._known.follow(party, found):
            return
        told = {**party.logged, "detail": found.why if found else None}
        log.warning("submissions wait" if found else "submissions resume", extra=told)
        self._counters.forget(party)
        self._change(party)

    def _is_excused(self, reason: Reason | None, sender: Sender) -> bool:
        return reason is not None and self._has_waited() and blame(reason, sender).party.scope is Scope.SOURCE

    def _has_waited(self) -> bool:
        """Whether this task's record waited in a stop of its source; almost always nobody's has."""
        return bool(self._excused) and asyncio.current_task() in self._excused

    def _change(self, party: Party) -> None:
        """Wake the records that wait in a stop of the system: to go on, or to be the probe, or to wait again.

        Those of a source or a signer were set aside: who set them aside asks again and again.
        """
        if party != THE_SYSTEM:
            return
        self._flowing.set()
        if self.stop_reason is not None:
            self._flowing = asyncio.Event()
        self._on_change()
