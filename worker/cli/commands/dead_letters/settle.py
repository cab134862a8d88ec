"""The run of `herald dead-letters settle`: the journal first, then Kafka, then the note that Kafka has it."""

from __future__ import annotations

import asyncio
import json

import asyncpg
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from contracts.registry import ContractViolation
from worker.admin.publishing import ACK_DEADLINE
from worker.admin.settle import Asked, NotSettled, Settlement
from worker.admin.settle import settle as settle_in_journal
from worker.admin.settlement_sql import answered
from worker.cli.output import fail
from worker.clock import SystemClock
from worker.journal.errors import JournalFault, JournalUnavailable
from worker.journal.link import session
from worker.kafka.clients import make_producer
from worker.line import routing_of
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
    except KafkaError as error:
        fail(f"Kafka cannot be used ({type(error).__name__}). Nothing was settled.")
    except (JournalUnavailable, JournalFault) as error:
        fail(str(error))


async def _look(settings: Settings, asked: Asked) -> Settlement:
    async with session(settings.journal, "settle") as connection:
        return await _in_journal(connection, settings, asked, dry_run=True)


async def _settle(settings: Settings, asked: Asked) -> Settlement:
    producer = make_producer(settings.kafka)
    try:
        await producer.start()
        async with session(settings.journal, "settle") as connection:
            settlement = await _in_journal(connection, settings, asked, dry_run=False)
            await _publish(producer, settlement.reply)
            await answered(connection, settlement.standing, settlement.reply)
            return settlement
    finally:
        await producer.stop()


async def _in_journal(
    connection: asyncpg.Connection, settings: Settings, asked: Asked, *, dry_run: bool
) -> Settlement:
    def route_of(system: str, source: str) -> Route:
        return routing_of(settings, system).of_source(source)

    return await settle_in_journal(
        connection, asked, route_of=route_of, now=SystemClock().now, dry_run=dry_run
    )


async def _publish(producer: AIOKafkaProducer, reply: Event) -> None:
    sent = producer.send_and_wait(reply.topic, value=reply.value, key=reply.key, headers=list(reply.headers))
    try:
        await asyncio.wait_for(sent, ACK_DEADLINE)
    except (KafkaError, TimeoutError) as error:
        fail(f"Kafka did not acknowledge the reply ({type(error).__name__}). {NOT_PUBLISHED}")


def reply_shown(settlement: Settlement) -> dict[str, object]:
    """Return the reply as a reader has it."""
    reply = settlement.reply
    return {
        "topic": reply.topic,
        "headers": {name: (value or b"").decode() for name, value in reply.headers},
        "value": json.loads(reply.value or b"null"),
    }
