"""The run of `herald dead-letters settle`: the journal first, then Kafka, then the note that Kafka has it."""

from __future__ import annotations

import asyncio
import json

import asyncpg

from contracts.registry import ContractViolation
from worker.admin.settlement import Asked, NotSettled, Settlement
from worker.admin.settlement import settle as settle_in_journal
from worker.cli.output import fail
from worker.clock import SystemClock
from worker.journal.errors import JournalFault, JournalUnavailable
from worker.journal.link import session
from worker.journal.settlements import answered
from worker.kafka.clients import make_producer
from worker.kafka.publisher import KafkaPublisher, KafkaUnreachable, NotPublished, publishing
from worker.pipeline.ports import Event
from worker.pipeline.routing import Route
from worker.settings.model import Settings

NOT_PUBLISHED = "It is settled in the journal, but not published: give the same command again."


def settle(settings: Settings, asked: Asked, *, dry_run: bool) -> Settlement:
    """Settle and publish, or end the command with a sentence."""
    try:
        return asyncio.run(_look(settings, asked) if dry_run else _settle(settings, asked))
    except NotSettled as why:
        fail(str(why))
    except ContractViolation as violation:
        fail("\n".join(f"{one.path.removeprefix('$.data.')}: {one.message}" for one in violation.problems))
    except KafkaUnreachable as error:
        fail(f"{error}. Nothing was settled.")
    except (JournalUnavailable, JournalFault) as error:
        fail(str(error))


async def _look(settings: Settings, asked: Asked) -> Settlement:
    async with session(settings.journal, "settle") as connection:
        return await _in_journal(connection, settings, asked, dry_run=True)


async def _settle(settings: Settings, asked: Asked) -> Settlement:
    async with (
        publishing(make_producer(settings.kafka)) as kafka,
        session(settings.journal, "settle") as connection,
    ):
        settlement = await _in_journal(connection, settings, asked, dry_run=False)
        await _publish(kafka, settlement.reply)
        await answered(connection, settlement.standing, settlement.reply)
        return settlement


async def _in_journal(
    connection: asyncpg.Connection, settings: Settings, asked: Asked, *, dry_run: bool
) -> Settlement:
    def route_of(system: str, source: str) -> Route:
        return settings.routing_of(system).of_source(source)

    return await settle_in_journal(
        connection, asked, route_of=route_of, now=SystemClock().now, dry_run=dry_run
    )


async def _publish(kafka: KafkaPublisher, reply: Event) -> None:
    try:
        await kafka.publish(reply)
    except NotPublished as error:
        fail(f"{error}. {NOT_PUBLISHED}")


def reply_shown(settlement: Settlement) -> dict[str, object]:
    """Return the reply as a reader has it."""
    reply = settlement.reply
    return {
        "topic": reply.topic,
        "headers": {name: (value or b"").decode() for name, value in reply.headers},
        "value": json.loads(reply.value or b"null"),
    }
