"""Faults of the national system: each fault of the sandbox, long outages, slowness, half the patients failing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from tests.chaos.control import ask
from tests.chaos.run_context import RunContext
from tests.support.worker.sandbox import Sandbox

Occasion: TypeAlias = Callable[[], Awaitable[object]]
AWHILE = 4.0
LONG_OUTAGE = 8.0
FIRED_SECONDS = 180.0
LOOK_SECONDS = 0.5
KINDS: dict[str, dict[str, Any]] = {
    "drop-before": {"times": 5, "probability": 0.5},
    "drop-after": {"times": 5, "probability": 0.5},
    "hang-before": {"times": 2, "seconds": 20},
    "hang-after": {"times": 2, "seconds": 20},
    "delay": {"times": 20, "seconds": 0.5},
    "status-500": {"times": 5, "status": 500},
    "status-503": {"times": 10, "status": 503},
    "status-after-503": {"times": 5, "status": 503},
    "status-429": {"times": 5, "status": 429, "body": "empty", "headers": {"Retry-After": "1"}},
    "garbage": {"times": 3, "probability": 0.5},
    "truncate": {"times": 3, "probability": 0.5},
    "wrong-answer": {"times": 3, "probability": 0.5},
    "outage": {"seconds": 1.5},
    "expire-tokens": {},
}
"""Every fault of the sandbox's programme, by a name that begins with its kind."""


async def fault(context: RunContext, name: str) -> None:
    """Let requests meet one fault, until it was met."""
    kind = name.rstrip("-0123456789") if name.startswith("status-") else name
    nhis = context.installation.nhis
    await met(context, nhis, [{"kind": kind, **KINDS[name]}], f"nhis-{name}", AWHILE / 2)


async def long_outage(context: RunContext) -> None:
    """Let the sandbox be unavailable for a long time."""
    await ask(lambda: context.installation.nhis.outage(LONG_OUTAGE))
    await asyncio.sleep(LONG_OUTAGE)
    context.faults["nhis-long-outage"] += 1


async def slow(context: RunContext) -> None:
    """Let the sandbox answer slowly, some answers later than the worker waits."""
    rules = [
        {"kind": "delay", "seconds": 5, "times": None, "probability": 0.05},
        {"kind": "delay", "seconds": 0.7, "times": None},
    ]
    await met(context, context.installation.nhis, rules, "nhis-slow", AWHILE)


async def half_the_patients(context: RunContext) -> None:
    """Let requests of half of the patients fail, and leave it open for half of those whether they were processed."""
    half = context.chance.sample(context.patients, len(context.patients) // 2)
    rules = [
        {"kind": "status", "status": 500 if n % 2 else 503, "times": None, "match": {"patient": one.egn}}
        for n, one in enumerate(half)
    ]
    await met(context, context.installation.nhis, rules, "nhis-half-the-patients", AWHILE)


async def met(
    context: RunContext,
    sandbox: Sandbox,
    rules: list[dict[str, Any]],
    name: str,
    seconds: float,
    *,
    occasion: Occasion | None = None,
) -> None:
    """Apply fault rules for so many seconds, longer where no request has met them yet; count those that fired.

    ``occasion`` gives requests one; the default is a few more submissions to NHIS.
    """
    await ask(lambda: sandbox.faults(rules))
    await asyncio.sleep(seconds)
    end = time.monotonic() + FIRED_SECONDS
    while True:
        fired = sum((await ask(sandbox.fired))[: len(rules)])  # crash faults add rules behind them
        if fired or time.monotonic() > end:
            break
        await (occasion or context.occasion)()
        await asyncio.sleep(LOOK_SECONDS)
    await ask(sandbox.calm)
    context.faults[name] += fired
