"""The log of requests as they arrived, with the outcome of each; counts of them for a first look."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(slots=True)
class LoggedRequest:
    """One request; ``outcome`` is ``open`` until it is finished, ``answer`` the kind of the system's answer.

    ``late``: the seconds before ``at`` in which it may have arrived.
    """

    seq: int
    at: str
    operation: str
    traits: Mapping[str, str | None] = field(repr=False)
    late: float = 0.0
    fault: str | None = None
    processed: bool = False
    answer: str | None = None
    status: int | None = None
    outcome: str = "open"

    def shown(self) -> dict[str, Any]:
        """Return it ready for JSON, without what would name a patient."""
        return {
            "seq": self.seq,
            "at": self.at,
            "late": self.late,
            **self.traits,
            "fault": self.fault,
            "processed": self.processed,
            "answer": self.answer,
            "status": self.status,
            "outcome": self.outcome,
        }


class RequestLog(list[LoggedRequest]):
    """All requests in order."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(
        self, at: datetime, operation: str | None, traits: Mapping[str, str | None], late: float = 0.0
    ) -> LoggedRequest:
        """Note a request; ``traits`` are those that may be shown, ``late`` as in `LoggedRequest`."""
        logged = LoggedRequest(
            len(self) + 1, at.isoformat(), operation or "unreadable", traits, round(late, 3)
        )
        self.append(logged)
        return logged

    def came_to(self, logged: LoggedRequest, outcome: str, status: int | None = None) -> None:
        """Note the outcome that the client saw."""
        logged.outcome = outcome
        logged.status = status
        stated = logged.answer if outcome == "answered" else None
        self._counts[(logged.operation, stated or str(status or outcome))] += 1

    def counters(self) -> dict[str, dict[str, int]]:
        """Return how often each operation had which answer (its kind, a status, or a fault)."""
        counters: dict[str, dict[str, int]] = {}
        for (operation, answer), number in sorted(self._counts.items()):
            counters.setdefault(operation, {})[answer] = number
        return counters

    def forget(self) -> None:
        """Forget everything."""
        self.clear()
        self._counts.clear()
