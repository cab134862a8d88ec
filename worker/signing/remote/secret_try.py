"""One try of a secret: what it sends, and whether the provider may have judged the secret."""

from __future__ import annotations

from worker.transport.port import SendGuard

SETTLING = 5.0
"""Seconds in which the end of a try is written down, unless the journal is unavailable."""


def longest_try(timeout: float) -> float:
    """Return how many seconds after its request a try has surely ended, by the longest wait for an answer."""
    return timeout + SETTLING


class Try:
    """One try. Each request that holds ``secret`` is sent with a guard of `request`."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self._given_up = False
        self._ended = False
        self._guard: SendGuard | None = None

    @property
    def unanswered(self) -> bool:
        """Whether a request with the secret may have reached the provider, and no answer says what became of it."""
        return self._guard is not None and self._guard.sent

    @property
    def cancellable(self) -> bool:
        """Whether nothing would be lost with it: no request is without an answer, and no result is being written."""
        return not self.unanswered and not self._ended

    def request(self) -> SendGuard:
        """Return the guard of the next request; none leaves once the try was given up."""
        self._guard = SendGuard(lambda: not self._given_up)
        return self._guard

    def not_judged(self) -> None:
        """Note the answer to the last request: the provider did not look at the secret, or has no objection to it."""
        self._guard = None

    def give_up(self) -> None:
        """Send no further request."""
        self._given_up = True

    def end(self) -> None:
        """Note that its result is known, and only has to be written down."""
        self._ended = True

    def __repr__(self) -> str:
        return "Try()"
