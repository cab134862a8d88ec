"""Settle a held submission: the journal first, then Kafka, then the note that Kafka has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.registry import ContractViolation
from worker.admin import settlement_sql
from worker.admin.connection import connected
from worker.admin.errors import ActFailed, NotSettled
from worker.admin.settlement import Asked, Settlement, settle_in_journal
from worker.clock import SystemClock
from worker.kafka.clients import make_producer
from worker.kafka.publisher import KafkaUnreachable, NotPublished, publishing

if TYPE_CHECKING:
    import asyncpg

    from worker.pipeline.routing import Route
    from worker.settings.model import Settings

NOT_PUBLISHED = "It is settled in the journal, but not published: run the same command again."


async def settle_dead_letter(settings: Settings, asked: Asked) -> Settlement:
    """Settle and publish; a repetition publishes the reply that was made the first time.

    Raises NotSettled, and ActFailed where the journal or Kafka cannot be used.
    """
    try:
        async with (
            publishing(make_producer(settings.kafka)) as kafka,
            connected(settings.journal, "settle") as connection,
        ):
            settlement = await _in_journal(connection, settings, asked, dry_run=False)
            try:
                await kafka.publish(settlement.reply)
            except NotPublished as error:
                raise ActFailed(f"{error}. {NOT_PUBLISHED}") from None
            await settlement_sql.answered(connection, settlement.status, settlement.reply)
            return settlement
    except KafkaUnreachable as error:
        raise ActFailed(f"{error}. Nothing was settled.") from None


async def preview_settlement(settings: Settings, asked: Asked) -> Settlement:
    """Return what settling would publish, and change nothing. Raises NotSettled and ActFailed."""
    async with connected(settings.journal, "settle") as connection:
        return await _in_journal(connection, settings, asked, dry_run=True)


async def _in_journal(
    connection: asyncpg.Connection, settings: Settings, asked: Asked, *, dry_run: bool
) -> Settlement:
    def route_of(system: str, source: str) -> Route:
        return settings.routing_of(system).of_source(source)

    now = SystemClock().now
    try:
        return await settle_in_journal(connection, asked, route_of=route_of, now=now, dry_run=dry_run)
    except ContractViolation as violation:
        problems = (f"{one.path.removeprefix('$.data.')}: {one.message}" for one in violation.problems)
        raise NotSettled("\n".join(problems)) from None
