"""Records that Kafka deletes before they were read: the workers must tell it, count it and go on behind them."""

from __future__ import annotations

import asyncio
import time

from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from tests.chaos.producer import past_day
from tests.chaos.run_context import Gap, RunContext
from tests.support.worker.hospital import register
from worker.admin.intake import acknowledge_losses, list_losses
from worker.journal.settings import JournalSettings
from worker.settings.load import load

NAME = "retention-gap"
GONE = 5
TOLD_SECONDS = 10.0
LOOK_SECONDS = 0.2


async def open_gap(context: RunContext) -> None:
    """While no worker runs, let a partition's log begin behind records that nobody read, and publish one more."""
    await context.workers.stop()
    patient = context.installation.patient()
    gone = [
        await context.producer.publish_unowed(register(context.producer.next_id("g"), patient))
        for _ in range(GONE)
    ]
    gap = Gap(gone[0].partition, gone[0].offset, gone[-1].offset + 1)
    await asyncio.to_thread(_delete, context, gap)
    kept = register(context.producer.next_id("k"), patient, occurrence=past_day().isoformat())
    await context.producer.publish_one(kept, patient)
    context.gaps.append(gap)


async def told(context: RunContext) -> None:
    """Hold the journal's losses against the gaps, and acknowledge them as an operator does."""
    settings = load(context.workers.config, {})
    journal = JournalSettings(dsn=context.installation.dsn)
    end = time.monotonic() + TOLD_SECONDS
    while True:
        losses = await list_losses(journal)
        if len(losses) >= len(context.gaps) or time.monotonic() > end:
            break
        await asyncio.sleep(LOOK_SECONDS)
    found = [Gap(one.partition, one.from_offset, one.to_offset or -1) for one in losses]
    await acknowledge_losses(settings, "nhis", who="chaos", reason="deleted on purpose")
    if found != context.gaps or await list_losses(journal):
        context.workers.surprises.append(f"lost: {context.gaps}; told: {found}, and kept until acknowledged")
        return
    context.faults[NAME] += len(found)


def _delete(context: RunContext, gap: Gap) -> None:
    admin = AdminClient({"bootstrap.servers": context.installation.bootstrap})
    place = TopicPartition(context.installation.topics.submissions, gap.partition, gap.end)
    for done in admin.delete_records([place]).values():
        done.result(30)
