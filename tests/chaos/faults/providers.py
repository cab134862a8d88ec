"""Faults of the provider that signs: unavailable, and its authorisations end in the middle of a batch."""

from __future__ import annotations

import asyncio
import time

from tests.chaos.control import ask
from tests.chaos.faults.nhis import met
from tests.chaos.run_context import RunContext

OUTAGE_SECONDS = 2.0
AWHILE = 2.0
MET_SECONDS = 120.0
LOOK_SECONDS = 0.3
SIGN = "signatures/signHash"
SLOW = {"kind": "delay", "seconds": 0.4, "times": None, "match": {"operation": SIGN}}


async def unavailable(context: RunContext) -> None:
    """Let no connection come through for a while, then answer 503 until that was met."""
    provider = context.signing.provider
    await ask(lambda: provider.outage(OUTAGE_SECONDS))
    await asyncio.sleep(OUTAGE_SECONDS)
    rules = [{"kind": "status", "status": 503, "times": None}]
    await met(context, provider, rules, "provider-unavailable", AWHILE)


async def expire_sads(context: RunContext) -> None:
    """End all authorisations again and again while the provider is slow, until signatures were refused for that."""
    provider = context.signing.provider
    before = await _refused(context)
    await ask(lambda: provider.faults([SLOW]))
    end = time.monotonic() + MET_SECONDS
    while (refused := await _refused(context)) <= before and time.monotonic() < end:
        await context.occasion()
        await ask(provider.expire_sads)
        await asyncio.sleep(LOOK_SECONDS)
    await ask(provider.calm)
    context.faults["provider-sad-expired"] += refused - before


async def _refused(context: RunContext) -> int:
    """Return how often the provider refused an authorisation with which signatures were asked for."""
    shown = await ask(context.signing.provider.ledger)
    return int(shown["counters"].get(SIGN, {}).get("invalid_request", 0))
