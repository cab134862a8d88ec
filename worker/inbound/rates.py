"""How many requests a second are taken: of each route, and from each address. Nobody waits for a turn."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from aiolimiter import AsyncLimiter

from worker.inbound.peers import counted_as

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_PEERS = 10_000
"""Addresses that are remembered; the one that called the longest ago is forgotten first."""


class Rates:
    """Rates in requests a second; a burst of one second's requests passes."""

    def __init__(self, routes: Mapping[str, float], per_peer: float) -> None:
        self._routes = {system: _limiter(rate) for system, rate in routes.items()}
        self._per_peer = per_peer
        self._peers: OrderedDict[str, AsyncLimiter] = OrderedDict()

    async def takes_peer(self, peer: str) -> bool:
        """Count a request from this address; return whether it is within the rate."""
        name = counted_as(peer)
        limiter = self._peers.pop(name, None) or _limiter(self._per_peer)
        self._peers[name] = limiter
        if len(self._peers) > MOST_PEERS:
            self._peers.popitem(last=False)
        return await _takes(limiter)

    async def takes_route(self, system: str) -> bool:
        """Count a call of this system; return whether it is within the rate."""
        return await _takes(self._routes[system])


async def _takes(limiter: AsyncLimiter) -> bool:
    if not limiter.has_capacity():
        return False
    await limiter.acquire()  # there is room, so it does not wait
    return True


def _limiter(rate: float) -> AsyncLimiter:
    burst = max(rate, 1.0)
    return AsyncLimiter(burst, burst / rate)
