"""How long a token or an authorisation is used: a little less than it is valid. No I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.signing.remote.exchange import Reply

DEFAULT_SECONDS = 3600.0
"""The lifetime where a provider states none."""
MARGIN = 30.0
"""Seconds before its end at which something is renewed; at most half its lifetime."""


def seconds_in(reply: Reply, name: str) -> float:
    """Return the lifetime that an answer states; the default where it states none."""
    value = reply.content.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        return DEFAULT_SECONDS
    return float(value)


def usable_seconds(lifetime: float) -> float:
    """Return for how long it is used before it is renewed."""
    return lifetime - min(MARGIN, lifetime / 2)
