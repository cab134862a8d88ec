"""Many dead letters in few lines: how many of each reason, operation and signer, and from which time."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from worker.admin.views import Candidate


@immutable
class Bar:
    """The dead letters that agree in reason, operation and signer."""

    reason: str
    operation: str | None
    signer: str | None
    count: int
    oldest: datetime
    newest: datetime


def histogram(letters: Iterable[Candidate]) -> list[Bar]:
    """Count them, the most frequent first."""
    groups: dict[tuple[str, str | None, str | None], list[datetime]] = defaultdict(list)
    for one in letters:
        groups[one.reason, one.operation, one.signer].append(one.created_at)
    bars = [Bar(*alike, len(times), min(times), max(times)) for alike, times in groups.items()]
    return sorted(bars, key=lambda bar: (-bar.count, bar.reason, bar.operation or "", bar.signer or ""))
