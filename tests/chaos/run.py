"""One run: publish, inject faults, wait until all is answered, set the offsets back, audit."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.chaos import operator, plan
from tests.chaos.collect import collect
from tests.chaos.faults import retention, wrong_pin
from tests.chaos.faults.table import FAULTS
from tests.chaos.offsets import all_committed
from tests.chaos.producer import Producer
from tests.chaos.readers import Watch
from tests.chaos.report import Report
from tests.chaos.run_context import RunContext
from tests.chaos.schedule import LAST, Lane, injections, lanes
from tests.chaos.servers import Servers
from tests.chaos.workers import Workers
from tests.support.postgres.proxy import PgProxy
from tests.support.worker.installation import Installation

PARTITIONS = 12
LEASE_SECONDS = 3
SETTINGS = {
    "intake": {"commit_interval": 0.1, "session_timeout": LEASE_SECONDS, "drain_seconds": 2},
    "journal": {"lease_seconds": LEASE_SECONDS, "connect_seconds": 2, "statement_seconds": 2},
    "systems": {"nhis": {"transport": {"connect_timeout": 2, "answer_timeout": 2, "total_timeout": 3}}},
    "signing": {"reload_seconds": 0.5},
    # The few dead letters of the plan are no flood; those of a source that floods are. Its rest waits for the operator.
    "flood_guard": {"share": 0.5, "at_least": 20},
    # Days, as a worker whose clock is wrong counts them.
    "retry": {"initial": 0.2, "maximum": 1, "longest_asked": 2, "give_up_after": 10 * 86_400},
}
MOST_A_SECOND = 30
"""Submissions published in a second, at most."""
LEAST_SECONDS = {True: 10, False: 55}
"""For how long the producer publishes at least, in a quick run and in a whole one."""
TOLD_SECONDS = 5.0
QUIET_SECONDS = 15.0
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run."""

    submissions: int
    patients: int
    workers: int
    seed: int
    minutes: float
    quick: bool = False

    @property
    def publishing_seconds(self) -> float:
        """For how long the producer publishes."""
        return max(LEAST_SECONDS[self.quick], self.submissions / MOST_A_SECOND)


async def run(options: Options, servers: Servers, directory: Path, started: float) -> Report:
    """Do the run and audit what it left behind. ``started``: when the program started (`time.monotonic`)."""
    chance = Random(options.seed)
    steps = plan.plan(options.submissions, options.patients, options.publishing_seconds, chance)
    cut_short = False
    async with _context(options, servers, directory, chance) as (context, watch):
        try:
            async with asyncio.timeout(options.minutes * 60 - (time.monotonic() - started)):
                await _run(context, watch, steps, lanes(chance, quick=options.quick))
        except TimeoutError:
            cut_short = True
            say(f"stopped after {options.minutes} minutes: what is not answered is lost")
        await context.workers.stop()
        evidence = await collect(
            context.installation.bootstrap,
            context.installation.topics,
            servers.database,
            servers.nhis,
            context.producer.sent,
            planned=plan.ids(steps),
            cut_short=cut_short,
            rewinds=context.rewinds,
            surprises=context.workers.surprises,
        )
    return Report.of(evidence, context.all_faults(), time.monotonic() - started, options.seed)


@asynccontextmanager
async def _context(
    options: Options, servers: Servers, directory: Path, chance: Random
) -> AsyncIterator[tuple[RunContext, Watch]]:
    proxy = PgProxy(Path(servers.database.partition("host=")[2]))
    installation = servers.signing.applied(
        Installation.build(
            servers.cluster.bootstrap, servers.database_through_proxy, servers.nhis, directory, PARTITIONS
        )
    )
    watch = Watch(installation.bootstrap, (installation.topics.results, installation.topics.errors))
    patients = tuple(installation.patient() for _ in range(options.patients))
    workers = Workers(installation.config(SETTINGS), directory)
    context = RunContext(
        installation=installation,
        cluster=servers.cluster,
        postgres=servers.postgres,
        proxy=proxy,
        signing=servers.signing,
        workers=workers,
        producer=Producer(installation.bootstrap, installation.topics.submissions, patients, watch),
        patients=patients,
        chance=chance,
        worker_count=options.workers,
        lease_seconds=LEASE_SECONDS,
    )
    watch.start()
    try:
        async with context.producer.open(), proxy.listening(servers.sockets), workers.running():
            yield context, watch
    finally:
        await watch.stop()


async def _run(context: RunContext, watch: Watch, steps: list[list[plan.Step]], dealt: list[Lane]) -> None:
    owed = plan.ids(steps)
    context.workers.wanted = context.worker_count
    telling = asyncio.create_task(_tell(context, watch, len(owed)))
    operating = [
        asyncio.create_task(operator.resume_stopped(context)),
        asyncio.create_task(operator.unblock_signers(context)),
    ]
    try:
        published = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(_publish(context, steps, published))
            await watch.until(lambda: watch.kinds)  # a fault that no submission meets proves nothing
            for lane in dealt:
                group.create_task(_inject(context, lane, published))
        say("all is published, all faults are over; waiting for the last answers")
        await _answered(context, watch, owed)
        await _all_committed(context)
        say("back to the beginning: nothing is sent, and nothing answered again")
        for kind in LAST:
            await FAULTS[kind](context)
        await _all_committed(context)
        await retention.told(context)
        await wrong_pin.tried_once(context)
    finally:
        for task in (telling, *operating):
            if task.done():
                context.workers.surprises.append(f"{task.get_coro()} ended: {task.exception()!r}")
            task.cancel()


async def _publish(context: RunContext, steps: list[list[plan.Step]], published: asyncio.Event) -> None:
    await context.producer.publish(steps)
    published.set()


async def _inject(context: RunContext, lane: Lane, published: asyncio.Event) -> None:
    """Inject a lane's faults, each at least once, and again for as long as the producer publishes."""
    for must, pause, kind in injections(lane, context.chance):
        if not must and await _within(published, pause):
            return
        if must:
            await asyncio.sleep(pause)
        began = time.monotonic()
        await FAULTS[kind](context)
        say(f"       {kind} ({time.monotonic() - began:.1f} s)")


async def _within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


async def _answered(context: RunContext, watch: Watch, owed: set[str]) -> None:
    """Wait for every answer; stop earlier where every record is read and no worker has anything left to do."""
    while not owed <= watch.kinds.keys():
        quiet = time.monotonic() - watch.news > QUIET_SECONDS
        if quiet and await all_committed(context.installation):
            return
        await asyncio.sleep(LOOK_SECONDS)


async def _all_committed(context: RunContext) -> None:
    while True:
        if await all_committed(context.installation):
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
