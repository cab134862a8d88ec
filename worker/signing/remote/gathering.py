"""When the digests that wait for a signature make a call to the provider, and how many of them. No I/O."""

from __future__ import annotations

from contracts.immutable import immutable


@immutable
class BatchPolicy:
    """How calls are made up.

    ``most``: digests of one call. ``calls``: calls in flight at the same time. ``linger``: the least wait in seconds of
    the first digest of a call that is not full.
    """

    most: int
    calls: int = 1
    linger: float = 0.0

    def at_most(self, limit: int) -> BatchPolicy:
        """Return the policy with the provider's own limit of digests in it."""
        return BatchPolicy(max(1, min(self.most, limit)), self.calls, self.linger)


@immutable
class Call:
    """Make a call now with the ``count`` digests that have waited longest."""

    count: int


@immutable
class Wait:
    """Make no call yet: decide again after ``seconds``; None: when a digest comes or a call ends."""

    seconds: float | None = None


def decide(policy: BatchPolicy, *, waiting: int, in_flight: int, waited: float) -> Call | Wait:
    """Decide what happens with the ``waiting`` digests, of which the first has ``waited`` seconds.

    While as many calls are in flight as there may be, the next one gathers. So a provider with long answers gets large
    batches, and an idle one gets a digest at once.
    """
    if not waiting or in_flight >= policy.calls:
        return Wait()
    if waiting < policy.most and waited < policy.linger:
        return Wait(policy.linger - waited)
    return Call(min(waiting, policy.most))
