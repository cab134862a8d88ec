"""The pauses between attempts to open a token that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.signing.port import SigningFailed

FIRST = 0.25
LONGEST = 10.0
"""Seconds: 0.25, 0.5, 1, … 10. An operator who plugs a token in waits no longer than that."""


class Recess:
    """Until a pause is over, the failure that began it is the answer."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._over = 0.0
        self._pause = FIRST
        self._failure: SigningFailed | None = None

    @property
    def lasts(self) -> bool:
        """Whether a pause is not over."""
        return self._failure is not None and self._monotonic() < self._over

    def begin(self, failure: SigningFailed) -> SigningFailed:
        """Begin a pause, longer than the one before, and return its failure."""
        self._failure = failure
        self._over = self._monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST)
        return failure

    def require_over(self) -> None:
        """Raise the failure while the pause lasts."""
        if self._failure is not None and self.lasts:
            raise self._failure.saying(str(self._failure))

    def end(self) -> None:
        """Forget it: the token works."""
        self._failure = None
        self._pause = FIRST
