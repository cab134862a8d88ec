"""When too large a share of the submissions dies. Policy only."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class FloodPolicy:
    """Intake stops when more than `share` of what ended within `window` seconds died, and `at_least` so many."""

    share: float = 0.5
    at_least: int = 50
    window: float = 300.0
    probe_after: float = 900.0


class FloodGuard:
    """Counts what ended, in a sliding window."""

    def __init__(self, policy: FloodPolicy, monotonic: Callable[[], float]) -> None:
        self.policy = policy
        self._monotonic = monotonic
        self._ended: deque[tuple[float, bool]] = deque()
        self._dead = 0

    def saw(self, *, dead: bool) -> None:
        """Note that a submission ended, as a dead letter or not."""
        self._ended.append((self._monotonic(), dead))
        self._dead += dead
        self._forget_old()

    @property
    def flooded(self) -> str | None:
        """Say that it is too much, or None."""
        self._forget_old()
        if self._dead < self.policy.at_least or self._dead <= self.policy.share * len(self._ended):
            return None
        return (
            f"{self._dead} of the last {len(self._ended)} submissions became dead letters "
            f"within {self.policy.window:g} s"
        )

    def clear(self) -> None:
        """Begin anew."""
        self._ended.clear()
        self._dead = 0

    def _forget_old(self) -> None:
        oldest = self._monotonic() - self.policy.window
        while self._ended and self._ended[0][0] < oldest:
            _, dead = self._ended.popleft()
            self._dead -= dead
