"""The parts that serve one national system in this worker, and what they report to the readiness probe."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.observability.health import HealthWarning, Kind
from worker.pipeline.flood.causes import OTHERS, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.inbound.looking.looker import Looker
    from worker.kafka.consumer import Intake
    from worker.kafka.offset_resets import OffsetResets
    from worker.pipeline.admission.breakers import CircuitBreakers
    from worker.pipeline.asking.asker import Asker
    from worker.pipeline.flood.causes import Party
    from worker.pipeline.flood.guard import FloodGuard
    from worker.pipeline.hanging import RunningCalls
    from worker.pipeline.routing import Routing
    from worker.systems.port import System

MOST_TOLD = 10
"""Senders that the readiness probe names; `herald intake status` names all."""


@immutable
class SystemRunner:
    """One system's intake, circuit breakers and flood guard. Nothing is started before `intake.start`."""

    system: System
    routing: Routing
    intake: Intake
    resets: OffsetResets
    breakers: CircuitBreakers
    flood: FloodGuard
    calls: RunningCalls
    asker: Asker | None = None
    """Of a system that answers later."""
    looker: Looker | None = None
    """Of a system where something may arrive."""

    async def stop(self) -> None:
        """Finish what is in flight within the drain time, records, asks and looks at once."""
        stops = [self.intake.stop()]
        if self.asker is not None:
            stops.append(self.asker.stop())
        if self.looker is not None:
            stops.append(self.looker.stop())
        await asyncio.gather(*stops)

    @property
    def unable(self) -> str | None:
        """Say why no records can come or some cannot be read, or None."""
        return self.intake.unreadable or (None if self.intake.joined else "no partition assigned yet")

    def dead(self) -> str | None:
        """Say which part of this worker itself no longer makes progress, or None.

        Nothing outside is a reason: not that Kafka, the journal or the system is unavailable, however long.
        """
        return self.intake.dead() or self.calls.hanging()

    def warnings(self) -> Iterator[HealthWarning]:
        """Yield what keeps submissions waiting, and what else an operator should know."""
        yield from self._circuits()
        yield from islice(self._senders(), MOST_TOLD)
        told = {
            Kind.INTAKE_STOPPED: (stop := self.flood.stop_reason) and f"{stop}; see `herald intake status`",
            Kind.SET_ASIDE: self.intake.crowded,
            Kind.PROBE_FAILING: self.breakers.probe_failing,
            Kind.NO_PARTITION: None
            if self.intake.assigned
            else "the group assigned no partition to this worker",
            Kind.LOST_RECORDS: self.resets.told,
            Kind.JOURNAL_BEHIND: self.resets.journal_behind,
            Kind.OPEN_TRANSACTION: self.intake.open_transactions,
            Kind.ASKING_FAILS: self.asker and self.asker.record.failing,
            Kind.ANSWERS_OVERDUE: self.asker and self.asker.record.late,
            Kind.LOOKS_FAIL: self.looker and self.looker.record.told,
        }
        for kind, reason in told.items():
            if reason:
                yield HealthWarning(kind, self.system.name, reason)

    def _senders(self) -> Iterator[HealthWarning]:
        """Yield whose submissions wait: for a person or a probe, or for the next minute."""
        for party, why in self.flood.stopped.items():
            yield self._of(party, Kind.INTAKE_STOPPED, f"{why}; see `herald intake status`")
        for party in self.flood.limited:
            yield self._of(
                party, Kind.DEAD_LETTERS_LIMITED, "the limit of dead letters for this minute is reached"
            )

    def _of(self, party: Party, kind: Kind, reason: str) -> HealthWarning:
        name = None if party.name == OTHERS else party.name
        source = name if party.scope is Scope.SOURCE else None
        signer = name if party.scope is Scope.SIGNER else None
        return HealthWarning(kind, self.system.name, f"{party.told}: {reason}", signer, source)

    def _circuits(self) -> Iterator[HealthWarning]:
        name, open_reason = self.system.name, self.breakers.open_reason
        if open_reason is not None:
            yield HealthWarning(Kind.CIRCUIT_OPEN, name, open_reason)
        for signer, why in self.breakers.open_signers.items():
            yield HealthWarning(Kind.CIRCUIT_OPEN, name, why, signer=signer)
