"""What the probes of one system have shown, and how far they may be believed. Policy only, no I/O."""

from __future__ import annotations


class ProbeRecord:
    """Counts the probes that failed in a row.

    What a system answers at the probe's address is not documented: it may always answer 5xx while every service
    works. So a failure counts only where the probe has succeeded before; one that failed while an exchange succeeded
    counts no more until it succeeds again.
    """

    def __init__(self, enough: int) -> None:
        """``enough``: how many failures in a row say that the system is unavailable."""
        self._enough = enough
        self._failures = 0
        self._credible = False
        self.failing: str | None = None
        """Why the last probe failed; None where it succeeded, or exchanges have succeeded since."""

    @property
    def unavailable(self) -> str | None:
        """Say why the system counts as unavailable, or None."""
        return self.failing if self._credible and self._failures >= self._enough else None

    def succeeded(self) -> None:
        """Take in a probe that the system answered."""
        self._failures, self._credible, self.failing = 0, True, None

    def failed(self, why: str) -> None:
        """Take in a probe that failed."""
        self._failures += 1
        self.failing = why

    def contradicted(self) -> None:
        """Take in an exchange that succeeded: it says more than any probe."""
        if self._failures >= self._enough:
            self._credible = False
        self._failures, self.failing = 0, None
