"""Faults around answers that come later: RegiX is ready only when no worker is left of those that asked."""

from __future__ import annotations

import asyncio
import signal
import time

from tests.chaos.control import ask
from tests.chaos.egov.collect import waiting_now
from tests.chaos.egov.plan import Kind
from tests.chaos.egov.servers import StandIn
from tests.chaos.faults.nhis import met
from tests.chaos.run_context import RunContext

MANY = 4
NEVER = 3600.0
"""Seconds that an answer takes, until the sandbox is told to finish it."""
TAKEN_SECONDS = 120.0
LOOK_SECONDS = 0.3
LOST = {"kind": "drop-after", "times": 3}
OUTAGE_SECONDS = 3.0
AWHILE = 1.0


async def replace_workers(context: RunContext) -> None:
    """Let RegiX take some requests, replace every worker, and only then let RegiX finish them."""
    regix = context.egov.installation.servers.regix
    names = [context.producer.next_id(f"{Kind.LATER_REPORT}-r") for _ in range(MANY)]
    await ask(lambda: regix.control("variants", {"async_by_service_uri": dict.fromkeys(names, NEVER)}))
    await context.egov.publisher.named(Kind.LATER_REPORT, names)
    taken = await _all_wait(context, set(names))
    await _replace_all(context)
    await _finish(regix, set(names))
    context.faults["answer-after-replacement"] += taken


async def regix_answers_lost(context: RunContext) -> None:
    """Let RegiX lose answers, of whatever it was asked."""
    regix = context.egov.installation.servers.regix
    await met(context, regix, [LOST], "regix-drop-after", AWHILE, occasion=context.egov.occasion_to_wait)


async def regix_outage(context: RunContext) -> None:
    """Let RegiX be unavailable for a while: nothing is taken, asked for or acknowledged."""
    await ask(lambda: context.egov.installation.servers.regix.outage(OUTAGE_SECONDS))
    await asyncio.sleep(OUTAGE_SECONDS)
    context.faults["regix-outage"] += 1


async def epayment_answers_lost(context: RunContext) -> None:
    """Let ePayments lose answers to payment requests."""
    rule = {**LOST, "match": {"operation": "paymentJson"}}
    await met(
        context, context.egov.installation.servers.epayment, [rule], "epayment-drop-after", AWHILE,
        occasion=context.egov.occasion_to_pay,
    )  # fmt: skip


async def _all_wait(context: RunContext, names: set[str]) -> bool:
    """Wait until all of these wait in the journal; False where they do not for long."""
    end = time.monotonic() + TAKEN_SECONDS
    while time.monotonic() < end:
        if names <= await waiting_now(context.egov.installation.regix.dsn):
            return True
        await asyncio.sleep(LOOK_SECONDS)
    return False


async def _replace_all(context: RunContext) -> None:
    """Kill every worker that has no fault built in; the others end by their own."""
    before = [one for one in context.workers.serving() if one.ordinary]
    for one in before:
        one.send(signal.SIGKILL)
    await asyncio.gather(*(one.end() for one in before))


async def _finish(regix: StandIn, names: set[str]) -> None:
    # First no further request may be left without an end: one may come after the ledger was read.
    await ask(lambda: regix.control("variants", {"async_by_service_uri": {}}))
    ledger = await ask(regix.ledger)
    calls = [
        one["ServiceCallID"]
        for one in ledger["executions"]
        if one["outcome"] == "pending" and one["call_context"].get("ServiceURI") in names
    ]
    await ask(lambda: regix.control("finish", calls))
