"""What a worker attempts at its start; each attempt raises NotYet while what it needs is unavailable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from worker.journal.errors import JournalUnavailable
from worker.kafka.errors import connecting
from worker.kafka.refusals import explained
from worker.kafka.rights import Operation
from worker.pipeline.ports import JournalOutage
from worker.startup import NotYet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from worker.journal.code_lists import CachedCodeLists
    from worker.kafka.replies import ReplyPublisher
    from worker.system_runner import SystemRunner


async def with_kafka(attempt: Callable[[], Awaitable[None]]) -> None:
    """Attempt something of Kafka."""
    try:
        await attempt()
    except (KafkaError, OSError) as error:
        raise NotYet(explained(error, Operation.READ)) from None


async def connect(replies: ReplyPublisher) -> None:
    """Connect to Kafka for the first time. Raises KafkaError, OSError."""
    with connecting():  # the first connection: its error says what is wrong with addresses, TLS and the login
        await replies.start()


async def find_topics(replies: ReplyPublisher, topics: tuple[str, ...]) -> None:
    """Check that every reply can be published: one that cannot would keep its patient's later events waiting."""
    if missing := await replies.missing(topics):
        raise NotYet("; ".join(why if topic in why else f"{topic}: {why}" for topic, why in missing.items()))


async def load_lists(lists: CachedCodeLists) -> None:
    """Load the cached code lists from the journal."""
    try:
        await lists.refresh()
    except JournalUnavailable as error:
        raise NotYet(str(error)) from None


async def look_for_stops(runner: SystemRunner) -> None:
    """Learn of a stop in the journal before the first record comes."""
    try:
        await runner.flood.look()
    except JournalOutage as error:
        raise NotYet(str(error)) from None
