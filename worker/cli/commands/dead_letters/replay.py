"""The run of `herald dead-letters replay`: the journal's lock, a producer, a progress bar."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import asyncpg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from worker.admin.replay import Replay, Replayed, unfinished
from worker.cli.output import fail, say
from worker.journal import replays
from worker.journal.errors import JournalFault, JournalUnavailable
from worker.journal.link import session
from worker.kafka.clients import make_producer
from worker.kafka.publisher import KafkaPublisher, NotPublished, publishing
from worker.settings.model import Settings

GOES_ON = "What was begun is finished by the next `herald dead-letters replay`."


@dataclass(frozen=True, slots=True)
class Order:
    """What to replay, in this order, by whose word."""

    ids: Sequence[str]
    who: str
    reason: str | None


def replay(settings: Settings, order: Order) -> Replayed:
    """Finish what an earlier run had begun, then replay these; or end the command with a sentence."""
    try:
        return asyncio.run(_replay(settings, order))
    except KeyboardInterrupt:
        fail(f"Stopped. {GOES_ON}")
    except NotPublished as error:
        fail(f"Kafka did not take the replay ({type(error.cause).__name__}). {GOES_ON}")
    except (JournalUnavailable, JournalFault) as error:
        fail(f"{error}. {GOES_ON}")


async def _replay(settings: Settings, order: Order) -> Replayed:
    async with session(settings.journal, "replay") as connection:
        if not await replays.lock(connection):
            fail("Another replay is running: wait for its end.")
        async with publishing(make_producer(settings.kafka)) as kafka:
            return await _run(connection, kafka, order)


async def _run(connection: asyncpg.Connection, kafka: KafkaPublisher, order: Order) -> Replayed:
    begun = len(await unfinished(connection))
    if begun:
        say(f"Finishing {begun} that an earlier replay had begun.")
    with _progress(begun + len(order.ids)) as advance:
        run = Replay(connection, kafka, who=order.who, reason=order.reason, on_progress=advance)
        await run.finish_begun()
        await run.run(order.ids)
    return run.done


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr, on a terminal only."""
    columns = (TextColumn("replaying"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bars:
        task = bars.add_task("", total=total)
        yield lambda more: bars.advance(task, more)
