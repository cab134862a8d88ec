"""How long the submissions topics keep records: a submission is not forgotten while Kafka may bring it again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from worker.kafka.errors import sentence
from worker.kafka.topics import administration, existing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.settings.model import Settings

MARGIN = timedelta(days=1)
"""Kafka deletes whole segments, so a record stays somewhat longer than the topic's retention."""


async def why_not_forget(settings: Settings, identity_days: int) -> str | None:
    """Say why submissions may not be forgotten after so many days, or return None where they may."""
    topics = submissions_topics(settings)
    try:
        async with administration(settings.kafka) as client:
            found = await existing(client, topics)
    except (KafkaError, TimeoutError, OSError) as error:
        return f"Kafka cannot be asked how long the submissions topics keep records: {sentence(error)}"
    # Kafka hides a topic that this login may not see. It may keep records all the same.
    kept = {topic: found[topic].config.get("retention.ms") if topic in found else None for topic in topics}
    return longer_than(kept, identity_days)


def submissions_topics(settings: Settings) -> list[str]:
    """Return those of all configured systems: one worker forgets the submissions of all of them."""
    systems = settings.systems.all_configured()
    return [topic for name in systems for topic in settings.routing_of(name).submissions]


def longer_than(kept: Mapping[str, str | None], identity_days: int) -> str | None:
    """Name the topic that may bring a record after so many days; ``kept``: `retention.ms` by topic, None if unknown."""
    for topic, milliseconds in sorted(kept.items()):
        if milliseconds is None:
            return f"Kafka does not tell how long {topic} keeps records"
        if int(milliseconds) < 0:
            return f"{topic} keeps records for ever (retention.ms is {milliseconds})"
        # Python's timedelta ends at some 2.7 million years; Kafka's milliseconds do not.
        if int(milliseconds) + MARGIN / timedelta(milliseconds=1) > identity_days * 86_400_000:
            days = int(milliseconds) / 86_400_000
            return f"{topic} keeps records for {days:g} days, and submissions are kept for {identity_days}"
    return None
