"""What holds for the next request of a submission: the rule of its operation, or of the step that it has come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from worker.systems.port import Operation, Recovery


@immutable
class Rule:
    """``recovery`` is that of this very submission (see `System.recovery`), or of its step.

    ``looks_up``: whether a query may show what became of the request. ``step`` is the step's name, None where the
    system has no steps. ``settles_after``: see `Step`.
    """

    operation: Operation
    recovery: Recovery
    looks_up: bool
    step: str | None = None
    settles_after: float = 0.0
