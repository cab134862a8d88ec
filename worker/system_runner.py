"""The parts that serve one national system in this worker, and what they report to the readiness probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.kafka.consumer import Intake
    from worker.kafka.offset_resets import OffsetResets
    from worker.pipeline.admission.breakers import CircuitBreakers
    from worker.pipeline.flood.guard import FloodGuard
    from worker.pipeline.routing import Routing
    from worker.systems.port import System

MOST_TOLD = 10
"""Senders that the readiness probe names; `herald intake status` names all."""


@dataclass(frozen=True, slots=True)
class SystemRunner:
    """One system's intake, circuit breakers and flood guard. Nothing is started before `intake.start`."""

    system: System
    routing: Routing
    intake: Intake
    resets: OffsetResets
    breakers: CircuitBreakers
    flood: FloodGuard

    @property
    def partitions_missing(self) -> str | None:
        """Say why no records can come or some cannot be read, or None."""
        return self.intake.unreadable if self.intake.assigned else "no partition assigned yet"

    @property
    def kept_back(self) -> str | None:
        """Say which open circuits or which stop of intake keep submissions from being sent or taken, or None."""
        signers = [f"signer {name}: {why}" for name, why in self.breakers.open_signers.items()]
        flood = self.flood.stop_reason
        told = [
            *([f"circuit open: {self.breakers.open_reason}"] if self.breakers.open_reason else []),
            *(f"circuit open for {one}" for one in signers),
            *([f"intake stopped: {flood}; see `herald intake`"] if flood else []),
        ]
        return "; ".join(told) or None

    @property
    def stopped_senders(self) -> str | None:
        """Say which sources' and signers' submissions wait for a person or a probe, or None."""
        told = [f"{party.told}: {why}" for party, why in self.flood.stopped.items()]
        return f"{_few(told)}; see `herald intake status`" if told else None

    @property
    def limited_senders(self) -> str | None:
        """Say which sources and signers have used up this minute's dead letters, or None."""
        told = [party.told for party in self.flood.limited]
        return f"{_few(told)}: the dead letters of this minute are used up" if told else None


def _few(told: list[str]) -> str:
    more = len(told) - MOST_TOLD
    return "; ".join(told[:MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")
