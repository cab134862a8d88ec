"""Make the topics of the systems that are configured, and say where those that exist are not as they should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

from contracts.immutable import immutable
from worker.admin.errors import ActFailed
from worker.kafka.refusals import explained, refused_right
from worker.kafka.rights import Operation, Resource
from worker.kafka.topic_plan import PARTITIONS, REPLICATION, differences, wanted_topics
from worker.kafka.topics import TopicHidden, administration, create, existing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.kafka.topic_plan import TopicSpec
    from worker.settings.model import Settings


@immutable
class TopicsCreated:
    """What was made (in a dry run: what would be), what there was, and why the rest could not be made.

    ``different`` has, of topics that existed, what is not as it should be. Nothing of them was changed.
    """

    created: tuple[TopicSpec, ...]
    existed: tuple[str, ...]
    different: Mapping[str, tuple[str, ...]]
    refused: Mapping[str, str]


async def create_topics(
    settings: Settings,
    *,
    partitions: int = PARTITIONS,
    replication: int = REPLICATION,
    dry_run: bool = False,
) -> TopicsCreated:
    """Make the topics that do not exist. Raises ActFailed where Kafka cannot be used."""
    routings = [settings.routing_of(name) for name in settings.systems.configured()]
    specs = wanted_topics(settings.kafka, routings, partitions=partitions, replication=replication)
    try:
        async with administration(settings.kafka) as client:
            there = await existing(client, [spec.name for spec in specs])
            missing = [spec for spec in specs if spec.name not in there]
            refused = await create(client, missing) if missing and not dry_run else {}
    except (KafkaError, TimeoutError, OSError) as error:
        raise ActFailed(f"Kafka cannot be used: {explained(error, Operation.DESCRIBE_CONFIGS)}.") from None
    different = {spec.name: differences(spec, there[spec.name]) for spec in specs if spec.name in there}
    return TopicsCreated(
        created=tuple(spec for spec in missing if spec.name not in refused),
        existed=tuple(there),
        different={name: found for name, found in different.items() if found},
        refused={name: _why(name, error) for name, error in refused.items()},
    )


def _why(topic: str, error: Exception) -> str:
    if isinstance(error, TopicHidden):
        return refused_right(Operation.DESCRIBE, Resource.TOPIC, topic)
    return explained(error, Operation.CREATE, topic=topic)
