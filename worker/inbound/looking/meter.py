"""What looking counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.inbound.ports import Kept
    from worker.observability.metrics.labels import LookOutcome
    from worker.pipeline.ports import Notification


class LookMeter(Protocol):
    """Measures the looks at one system."""

    def looked(self, outcome: LookOutcome) -> None:
        """Count a look."""

    def found(self, notifications: Sequence[Notification], kept: Sequence[Kept]) -> None:
        """Count what it found: new, repeated, or under a known identity with other content."""
