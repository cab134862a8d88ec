"""One run: publish, inject faults, wait until all is answered, set the offsets back, audit."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random

from tests.chaos import operator, plan
from tests.chaos.collect import collect
from tests.chaos.egov import plan as egov_plan
from tests.chaos.egov.collect import collect_egov
from tests.chaos.faults import retention, wrong_pin
from tests.chaos.faults.table import FAULTS
from tests.chaos.letters import plan as letters_plan
from tests.chaos.letters.collect import collect_letters
from tests.chaos.letters.evidence import LettersEvidence
from tests.chaos.offsets import all_committed
from tests.chaos.options import Options
from tests.chaos.preparation import prepared
from tests.chaos.readers import Watch
from tests.chaos.report import Report
from tests.chaos.run_context import RunContext
from tests.chaos.schedule import LAST, Lane, injections, lanes
from tests.chaos.servers import Servers

TOLD_SECONDS = 5.0
QUIET_SECONDS = 15.0
LOOK_SECONDS = 0.2


async def run(options: Options, servers: Servers, directory: Path, started: float) -> Report:
    """Do the run and audit what it left behind. ``started``: when the program started (`time.monotonic`)."""
    chance = Random(options.seed)
    steps = plan.plan(options.submissions, options.patients, options.publishing_seconds, chance)
    asks = egov_plan.plan(options.submissions, options.publishing_seconds, chance)
    letters = letters_plan.plan(options.submissions, options.publishing_seconds, chance)
    planned = plan.ids(steps) | egov_plan.ids(asks) | letters_plan.ids(letters)
    cut_short = False
    async with prepared(options, servers, directory, chance) as (context, watch):
        try:
            async with asyncio.timeout(options.minutes * 60 - (time.monotonic() - started)):
                publishing = partial(
                    _publish,
                    lambda: (
                        context.producer.publish(steps),
                        context.egov.publish(asks),
                        context.letters.publish(letters),
                    ),
                    options.publishing_seconds,
                )
                await _run(context, watch, planned, publishing, lanes(chance, quick=options.quick))
        except TimeoutError:
            cut_short = True
            say(f"stopped after {options.minutes} minutes: what is not answered is lost")
            say(f"faults that had not ended: {', '.join(sorted(context.in_progress)) or 'none'}")
        await context.workers.stop()
        await context.egov.receivers.stop()
        evidence = await collect(
            context.installation.bootstrap,
            context.installation.topics,
            servers.database,
            servers.nhis,
            context.producer.sent,
            planned=planned,
            cut_short=cut_short,
            rewinds=context.rewinds,
            surprises=[*context.workers.surprises, *context.egov.receivers.surprises],
            others=[one.topics for one in context.installations[1:]],
            egov=await collect_egov(context.egov.installation),
            letters=await _letters(context),
        )
    return Report.of(evidence, context.all_faults(), time.monotonic() - started, options.seed)


async def _run(
    context: RunContext,
    watch: Watch,
    owed: set[str],
    publishing: Callable[[asyncio.Event], Coroutine[None, None, None]],
    dealt: list[Lane],
) -> None:
    context.workers.wanted = context.worker_count
    telling = asyncio.create_task(_tell(context, watch, len(owed)))
    operating = [
        asyncio.create_task(operator.resume_stopped(context)),
        asyncio.create_task(operator.unblock_signers(context)),
        asyncio.create_task(context.egov.payer.run()),
    ]
    try:
        enough = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(publishing(enough))
            await watch.until(lambda: watch.kinds)  # a fault that no submission meets proves nothing
            for lane in dealt:
                group.create_task(_inject(context, lane, enough))
        say("all is published, all faults are over; waiting for the last answers")
        await _answered(context, watch, owed)
        await _all_committed(context)
        await _settled(context)
        say("back to the beginning: nothing is sent, and nothing answered again")
        for kind in LAST:
            await FAULTS[kind](context)
        await _all_committed(context)
        await _settled(context)
        await retention.told(context)
        await wrong_pin.tried_once(context)
    finally:
        for task in (telling, *operating):
            if task.done():
                context.workers.surprises.append(f"{task.get_coro()} ended: {task.exception()!r}")
            task.cancel()


async def _publish(
    plans: Callable[[], Iterable[Coroutine[None, None, None]]], seconds: float, enough: asyncio.Event
) -> None:
    """Publish what is planned for so many seconds.

    ``enough`` is set when all is published or should be: no fault need come again. The producer waits for answers, and
    each fault delays some; on a slow machine the two would keep each other going.
    """
    planned_end = asyncio.get_running_loop().call_later(seconds, enough.set)
    await asyncio.gather(*plans())
    planned_end.cancel()
    enough.set()


async def _inject(context: RunContext, lane: Lane, enough: asyncio.Event) -> None:
    """Inject a lane's faults, each until it took effect, and again for as long as the producer should publish."""
    for must, pause, kind in injections(lane, context.chance):
        if not must and await _within(enough, pause):
            return
        if must:
            await asyncio.sleep(pause)
        began = time.monotonic()
        context.in_progress.add(kind)
        await FAULTS[kind](context)
        while must and not context.all_faults()[kind]:  # the run's time is the bound, and tells which it is
            await FAULTS[kind](context)
        context.in_progress.remove(kind)
        say(f"       {kind} ({time.monotonic() - began:.1f} s)")


async def _within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()


async def _answered(context: RunContext, watch: Watch, owed: set[str]) -> None:
    """Wait for every answer; stop earlier where every record is read and no worker has anything left to do."""
    while not owed <= watch.kinds.keys():
        quiet = time.monotonic() - watch.news > QUIET_SECONDS
        if quiet and await all_committed(*context.installations):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _settled(context: RunContext) -> None:
    """Wait until nothing is left to do beside the submissions."""
    await context.letters.settled()
    await context.egov.settled()


async def _letters(context: RunContext) -> LettersEvidence:
    letters = context.letters
    async with letters.store() as store:
        return await collect_letters(letters.installation, letters.arrived, store)


async def _all_committed(context: RunContext) -> None:
    while True:
        if await all_committed(*context.installations):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _tell(context: RunContext, watch: Watch, owed: int) -> None:
    start = time.monotonic()
    while True:
        await asyncio.sleep(TOLD_SECONDS)
        faults = context.all_faults()
        say(
            f"{time.monotonic() - start:4.0f} s: {len(watch.kinds)} of {owed} answered, "
            f"{len(context.workers.serving())} workers, {faults.total()} faults of {len(faults)} kinds"
        )


def say(text: str) -> None:
    """Print a line for a person."""
    print(text, file=sys.stderr, flush=True)
