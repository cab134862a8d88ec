"""An authorisation (Signature Activation Data): for how many signatures it is still good, and until when. No I/O."""

from __future__ import annotations

from dataclasses import field, replace

from contracts.immutable import immutable
from worker.signing.remote.lifetime import usable_seconds


@immutable
class Sad:
    """One authorisation. ``renew_at`` and ``ends_at`` are moments of a monotonic clock, ``left`` counts signatures."""

    value: str = field(repr=False)
    renew_at: float
    ends_at: float
    left: int

    @classmethod
    def given(cls, value: str, *, asked_at: float, lifetime: float, count: int) -> Sad:
        """Return a new authorisation; its life counts from before it was asked for, which can only be too early."""
        return cls(value, asked_at + usable_seconds(lifetime), asked_at + lifetime, count)

    def covers(self, count: int, now: float) -> bool:
        """Whether so many signatures can be made with it now."""
        return count <= self.left and now < self.renew_at

    def extendable(self, count: int, now: float) -> bool:
        """Whether it ends soon, and would cover so many signatures if it did not."""
        return count <= self.left and self.renew_at <= now < self.ends_at

    def spent(self, count: int) -> Sad:
        """Return what is left of it; also where the signatures fail, since the provider may have counted them."""
        return replace(self, left=self.left - count)
