"""The stops that one worker knows of one system, and which of its tasks is the probe of each. No I/O."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.pipeline.flood.causes import Hold

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.pipeline.flood.causes import Party
    from worker.pipeline.flood.counting import Flood
    from worker.pipeline.ports import Stop


@dataclass(slots=True)
class _InForce:
    """A stop, and what this worker does about its probe."""

    stop: Stop
    probe_wanted: bool = False
    probe: asyncio.Task[object] | None = None
    well: bool = False


class KnownStops:
    """Stops that are in the journal, and floods that this worker saw and that are not there yet."""

    def __init__(self) -> None:
        self._in_force: dict[Party, _InForce] = {}
        self._found: dict[Party, Flood] = {}

    @property
    def parties(self) -> set[Party]:
        """Those who are stopped."""
        return self._in_force.keys() | self._found.keys()

    @property
    def not_written(self) -> dict[Party, Flood]:
        """The floods that the journal does not have as stops."""
        return dict(self._found)

    @property
    def ended_well(self) -> list[Stop]:
        """The stops whose probe ended well: they are to be lifted."""
        return [one.stop for one in self._in_force.values() if one.well]

    def __len__(self) -> int:
        return len(self._in_force) + len(self._found)

    def is_in_force(self, party: Party) -> bool:
        """Whether the journal has a stop of the party."""
        return party in self._in_force

    def why(self, party: Party) -> str | None:
        """Say why the party is stopped, or None."""
        if party in self._in_force:
            return self._in_force[party].stop.why
        return self._found[party].why if party in self._found else None

    def is_stopped(self, party: Party) -> bool:
        """Whether a stop keeps even the next record."""
        stopped = self._in_force.get(party)
        return party in self._found if stopped is None else not stopped.probe_wanted

    def held(self, party: Party) -> Hold:
        """Say why a record of the party waits."""
        return Hold(party, self.is_stopped(party))

    def find(self, party: Party, flood: Flood) -> None:
        """Stop the party from now on, before the journal has it."""
        self._found[party] = flood

    def follow(self, party: Party, stop: Stop | None) -> bool:
        """Adopt what the journal has of the party; return whether that is new."""
        known = self._in_force.get(party)
        self._found.pop(party, None)
        if stop is not None and known is not None and known.stop == stop:
            return False
        self._in_force.pop(party, None)
        if stop is not None:
            self._in_force[party] = _InForce(stop)
        return True

    def want_probe(self, party: Party) -> None:
        """Let the party's next record be the probe."""
        self._in_force[party].probe_wanted = True

    def take_probes(self, parties: Iterable[Party]) -> None:
        """Let the current task be the probe of these parties, as far as they are stopped."""
        for one in (self._in_force[party] for party in parties if party in self._in_force):
            one.probe_wanted, one.probe = False, asyncio.current_task()

    def is_probe(self, party: Party) -> bool:
        """Whether the current task is the party's probe."""
        one = self._in_force.get(party)
        return one is not None and _is_current(one)

    def end_probe(self, *, well: bool) -> None:
        """Note how the submission ended, where the current task is a probe."""
        for one in self._in_force.values():
            if _is_current(one):
                one.probe, one.well = None, well

    def leave_probe(self) -> list[Party]:
        """Note that the current task has ended nothing: the next record is the probe. Return whose probe it was."""
        left = [party for party, one in self._in_force.items() if _is_current(one)]
        for party in left:
            self._in_force[party].probe, self._in_force[party].probe_wanted = None, True
        return left


def _is_current(one: _InForce) -> bool:
    return one.probe is not None and one.probe is asyncio.current_task()
