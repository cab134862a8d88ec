"""The state of an installation: what runs, waits, is open and is wrong, and what could not be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from contracts.immutable import immutable
from worker.admin import status_sql
from worker.admin.connection import connected
from worker.admin.intake import list_losses, list_stops
from worker.admin.status_findings import of_intake, of_kafka, of_looks, of_the_journal
from worker.admin.watches import list_watches
from worker.journal import migrate
from worker.journal.errors import SchemaOutdated
from worker.kafka.lag import lags, total
from worker.kafka.refusals import explained
from worker.kafka.rights import Operation

if TYPE_CHECKING:
    import asyncpg

    from worker.admin.intake import LossRow, StopRow
    from worker.admin.status_sql import Load, WorkerRow
    from worker.kafka.lag import Lag
    from worker.settings.model import Settings

KNOWN_ELSEWHERE = "Only a worker's own /readyz shows its open circuits and what it waits for at its start."


@immutable
class Status:
    """What was found; ``not_asked`` says what could not be asked, and why."""

    systems: tuple[str, ...]
    workers: tuple[WorkerRow, ...]
    loads: tuple[Load, ...]
    stops: tuple[StopRow, ...]
    losses: tuple[LossRow, ...]
    lags: dict[str, Lag] | None
    """By system, its topics of submissions together; None where Kafka could not be asked."""
    wrong: tuple[str, ...]
    not_asked: tuple[str, ...]
    known_elsewhere: str = KNOWN_ELSEWHERE


async def installation_status(settings: Settings) -> Status:
    """Ask the journal and Kafka. Raises ActFailed where the journal cannot be used."""
    systems = tuple(settings.systems.configured())
    async with connected(settings.journal, "status") as connection:
        outdated = await _outdated(connection)
        workers = await status_sql.workers(connection)
        loads = await status_sql.loads(connection)
    stops = tuple(await list_stops(settings.journal))
    losses = tuple(await list_losses(settings.journal))
    behind, not_asked = await _lags(settings, systems)
    looks = () if outdated else await list_watches(settings)
    wrong = [*outdated, *of_the_journal(workers, loads), *of_intake(stops, losses), *of_looks(looks)]
    wrong += of_kafka([one for several in behind.values() for one in several]) if behind else ()
    together = {system: total(several) for system, several in behind.items()} if behind is not None else None
    return Status(systems, workers, loads, stops, losses, together, tuple(wrong), not_asked)


async def _outdated(connection: asyncpg.Connection) -> tuple[str, ...]:
    try:
        await migrate.check(connection)
    except SchemaOutdated as error:
        return (str(error),)
    return ()


async def _lags(
    settings: Settings, systems: tuple[str, ...]
) -> tuple[dict[str, tuple[Lag, ...]] | None, tuple[str, ...]]:
    topics = {
        topic: settings.intake.group_of(name)
        for name in systems
        for topic in settings.routing_of(name).submissions
    }
    try:
        found = await lags(settings.kafka, topics)
    except (KafkaError, TimeoutError, OSError) as error:
        why = explained(error, Operation.DESCRIBE, on_group=Operation.DESCRIBE)
        return None, (f"The lag of intake could not be read from Kafka: {why}.",)
    by_topic = {one.topic: one for one in found}
    return {
        name: tuple(by_topic[topic] for topic in settings.routing_of(name).submissions) for name in systems
    }, ()
