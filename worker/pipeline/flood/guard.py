"""The flood guard: a party that causes too many dead letters has to wait, and no other.

A stop of one source, of one signer or of the whole system is in the journal, so that it holds for all workers of a
system and survives their restarts, and so that `herald intake resume` can end it. How many dead letters a minute a
source or a signer may cause is each worker's own.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.pipeline.flood.allowance import Allowance
from worker.pipeline.flood.causes import THE_SYSTEM, Hold, Party, Scope, blame
from worker.pipeline.flood.counting import MOST_PARTIES
from worker.pipeline.ports import JournalOutage
from worker.pipeline.shutdown import SetAside, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from contracts.reasons import Reason
    from worker.pipeline.flood.causes import Sender
    from worker.pipeline.flood.counting import Flood, FloodCounters
    from worker.pipeline.ports import Clock, Stop, Stops
    from worker.pipeline.shutdown import Shutdown

log = logging.getLogger(__name__)

LOOK = 2.0
"""Seconds between two readings of the stops in the journal."""
LONGEST_PROBE = 60.0
"""Seconds that a worker has for a probe before another worker may make one."""


@dataclass(slots=True)
class _InForce:
    """A stop, and what this worker does about its probe."""

    stop: Stop
    probe_wanted: bool = False
    probe: asyncio.Task[object] | None = None
    well: bool = False


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
        self._in_force: dict[Party, _InForce] = {}
        self._found: dict[Party, Flood] = {}
        """Floods that this worker saw, and that are not in the journal yet."""
        self._excused: set[asyncio.Task[object]] = set()
        """Work on records that waited in a stop of their source, which was lifted."""
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._on_change = on_change
        self._can_probe = can_probe

    @property
    def stop_reason(self) -> str | None:
        """Return why the entire intake is stopped, or None."""
        return self._why(THE_SYSTEM)

    @property
    def takes(self) -> bool:
        """Whether records are wanted: always but in a stop of the system, and then for the probe."""
        return not self._is_stopped(THE_SYSTEM)

    @property
    def stopped(self) -> dict[Party, str]:
        """The sources and signers whose submissions wait for a person or a probe, with the reason."""
        parties = sorted((self._in_force.keys() | self._found.keys()) - {THE_SYSTEM})
        return {party: why for party in parties if (why := self._why(party)) is not None}

    @property
    def limited(self) -> tuple[Party, ...]:
        """The sources and signers that have used up this minute's dead letters."""
        return self._allowance.waiting

    def holds(self, party: Party) -> bool:
        """Whether a source's or a signer's submissions wait."""
        return self._is_stopped(party) or self._allowance.used_up(party)

    def hold(self, sender: Sender) -> Hold | None:
        """Say why a sender's submissions wait, or None."""
        return next((self._held(party) for party in sender.parties if self.holds(party)), None)

    def admit(self, sender: Sender, *, waited: bool) -> Hold | None:
        """Let this task begin a record of the sender, as a probe where one is wanted; else say why it waits.

        ``waited``: it waited in a stop that was lifted. What is wrong with the event itself is so still, so it is not
        counted again: the stop would be back after every `resume`, until the last of them.
        """
        if hold := self.hold(sender):
            return hold
        self._take_probes(sender.parties)
        task = asyncio.current_task()
        if task is not None and waited:
            self._excused.add(task)
        return None

    async def wait(self, shutdown: Shutdown) -> None:
        """Wait in a stop of the system, unless this record is the probe. Raises Released in a shutdown."""
        while self.stop_reason is not None:
            if not self._is_stopped(THE_SYSTEM):
                self._take_probes([THE_SYSTEM])
                self._change(THE_SYSTEM)
                return
            await until(asyncio.ensure_future(self._flowing.wait()), shutdown)

    def dies(self, reason: Reason, sender: Sender, *, sent: bool = False) -> None:
        """Note that a submission is about to become a dead letter. Raises SetAside where it has to wait instead.

        One that was ``sent`` never has to: only its dead letter shows how it ended.
        """
        party, _ = blame(reason, sender)
        if not sent and party != THE_SYSTEM and not self._is_probe(party):
            if self._is_stopped(party):
                raise SetAside(self._held(party))
            self._take_probes([party])
            if not self._allowance.take(party):
                raise SetAside(self._held(party))
        elif party != THE_SYSTEM:
            self._allowance.take(party)
        self._end_probe(well=False)
        self._count(reason, sender)

    def ends_well(self, sender: Sender) -> None:
        """Note that a submission ended without a dead letter."""
        self._end_probe(well=True)
        self._count(None, sender)

    def _end_probe(self, *, well: bool) -> None:
        task = asyncio.current_task()
        for one in self._in_force.values():
            if one.probe is not None and one.probe is task:
                one.probe, one.well = None, well

    def _count(self, reason: Reason | None, sender: Sender) -> None:
        # Records in progress at a stop of the system still come to their end; only the probe decides about the stop.
        if THE_SYSTEM in self._in_force or self._is_excused(reason, sender):
            return
        # Of what waited until its source's stop was lifted, only the signers are counted, and the system.
        excused = Party(Scope.SOURCE, sender.source) if asyncio.current_task() in self._excused else None
        for party, flood in self._counters.record(reason, sender, excused=excused).items():
            if self._why(party) is None and len(self._in_force) + len(self._found) < MOST_PARTIES:
                self._found[party] = flood
                log.error(
                    "a flood of dead letters: submissions are stopped",
                    extra={**_names(party), "detail": flood.why},
                )
                self._change(party)

    def done(self) -> None:
        """Note that the work on a record is over. Where the probe ended nothing, the next record is the probe."""
        task = asyncio.current_task()
        if task is not None:
            self._excused.discard(task)
        for party, one in self._in_force.items():
            if one.probe is not None and one.probe is task:
                one.probe, one.probe_wanted = None, True
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
        written = dict(self._found)
        for party, flood in written.items():
            if party not in self._in_force:
                await self._stops.stop(self._system, party, flood, self._counters.policy.probe_after)
        for one in list(self._in_force.values()):
            if one.well:
                await self._stops.lift(self._system, one.stop)
        found = {stop.party: stop for stop in await self._stops.in_force(self._system)}
        for party in found.keys() | self._in_force.keys() | written.keys():
            self._follow(party, found.get(party))
        for party, stop in found.items():
            if stop.probe_due and self._can_probe(party) and await self._takes_probe(party):
                log.warning("submissions are stopped: one is tried", extra=_names(party))
                self._in_force[party].probe_wanted = True
                self._change(party)

    async def _takes_probe(self, party: Party) -> bool:
        # A worker that has no record to try leaves the probe to another worker soon.
        again = min(self._counters.policy.probe_after, LONGEST_PROBE)
        return await self._stops.take_probe(self._system, party, again)

    def _follow(self, party: Party, found: Stop | None) -> None:
        known = self._in_force.get(party)
        self._found.pop(party, None)
        if found is not None and known is not None and known.stop == found:
            return
        told = {**_names(party), "detail": found.why if found else None}
        log.warning("submissions wait" if found else "submissions resume", extra=told)
        self._in_force.pop(party, None)
        if found is not None:
            self._in_force[party] = _InForce(found)
        self._counters.forget(party)
        self._change(party)

    def _why(self, party: Party) -> str | None:
        if party in self._in_force:
            return self._in_force[party].stop.why
        return self._found[party].why if party in self._found else None

    def _is_stopped(self, party: Party) -> bool:
        """Whether a stop keeps even the next record."""
        stopped = self._in_force.get(party)
        return party in self._found if stopped is None else not stopped.probe_wanted

    def _held(self, party: Party) -> Hold:
        return Hold(party, self._is_stopped(party))

    def _take_probes(self, parties: Iterable[Party]) -> None:
        for one in (self._in_force[party] for party in parties if party in self._in_force):
            one.probe_wanted, one.probe = False, asyncio.current_task()

    def _is_probe(self, party: Party) -> bool:
        one = self._in_force.get(party)
        return one is not None and one.probe is not None and one.probe is asyncio.current_task()

    def _is_excused(self, reason: Reason | None, sender: Sender) -> bool:
        if reason is None or asyncio.current_task() not in self._excused:
            return False
        return blame(reason, sender).party.scope is Scope.SOURCE

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


def _names(party: Party) -> dict[str, str | None]:
    """Name a party in a line of the log."""
    return {
        "scope": party.scope.value,
        "submission_source": party.name if party.scope is Scope.SOURCE else None,
        "signer": party.name if party.scope is Scope.SIGNER else None,
    }
