"""The parts that serve one national system in this worker, and what they report to the readiness probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.kafka.consumer import Intake
    from worker.kafka.offset_resets import OffsetResets
    from worker.pipeline.admission.breakers import CircuitBreakers
    from worker.pipeline.flood_guard import FloodGuard
    from worker.pipeline.routing import Routing
    from worker.systems.port import System


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
