"""How looking goes, for the warnings of the readiness probe. Policy only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.inbound.looking.ports import Standing

FAILURES = 3
"""Looks that must fail in a row before there is a warning: a single one says little."""


class LookRecord:
    """What the journal said last about the places of one system; None while nobody could ask it."""

    def __init__(self) -> None:
        self.standing: Sequence[Standing] | None = None

    @property
    def age(self) -> float | None:
        """Seconds since the last good look, of the place where it is longest ago."""
        return max((one.age for one in self.standing), default=None) if self.standing else None

    @property
    def failing(self) -> tuple[Standing, ...]:
        """The places whose looks fail."""
        return tuple(one for one in self.standing or () if one.failures >= FAILURES)

    @property
    def told(self) -> str | None:
        """Say which looks fail, or None."""
        if not (failing := self.failing):
            return None
        worst = max(failing, key=lambda one: one.failures)
        more = f", and of {len(failing) - 1} more" if len(failing) > 1 else ""
        return f"the last {worst.failures} looks at {worst.watch} failed: {worst.reason}{more}"
