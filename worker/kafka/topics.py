"""Looks at topics and makes them, by Kafka's own administration requests."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import NotControllerError, TopicAlreadyExistsError, for_code

from worker.kafka.clients import connection_arguments
from worker.kafka.errors import connecting
from worker.kafka.topic_plan import TopicState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from worker.kafka.settings import KafkaSettings
    from worker.kafka.topic_plan import TopicSpec


LOOKS, LOOK_PAUSE = 5, 0.3
"""How often, and at which interval in seconds, a topic is looked for that exists and is not shown."""


class TopicHidden(Exception):
    """The topic exists, and Kafka does not show it to this login."""


@asynccontextmanager
async def administration(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Lend a connection for administration. Raises KafkaError."""
    client = AIOKafkaAdminClient(**connection_arguments(settings))
    try:
        with connecting():
            await client.start()
        yield client
    finally:
        await client.close()


async def existing(
    client: AIOKafkaAdminClient, names: Sequence[str], *, config: bool = True
) -> dict[str, TopicState]:
    """Return those of these topics that exist; with ``config`` also their settings. Raises KafkaError.

    All topics are asked for, as Kafka may make one that is asked for by its name.
    """
    found = {one["topic"]: one["partitions"] for one in await client.describe_topics()}
    there = [name for name in names if name in found]
    configs = await _configs(client, there) if config and there else {}
    return {
        name: TopicState(
            len(found[name]), min(len(one["replicas"]) for one in found[name]), configs.get(name, {})
        )
        for name in there
    }


async def create(client: AIOKafkaAdminClient, specs: Iterable[TopicSpec]) -> dict[str, Exception]:
    """Make topics; return what went wrong, by topic. One that somebody else made meanwhile is no error.

    One that exists and is not shown to this login is TopicHidden. Raises KafkaError.
    """
    topics = [
        NewTopic(one.name, one.partitions, one.replication, topic_configs=dict(one.config)) for one in specs
    ]
    try:
        answer = await client.create_topics(topics)
    except AttributeError:  # the library asks the controller, and there is none at present
        raise NotControllerError from None
    errors = {topic: for_code(code)() for topic, code, *_ in answer.topic_errors if code}
    there = [topic for topic, error in errors.items() if isinstance(error, TopicAlreadyExistsError)]
    hidden = {topic: TopicHidden(topic) for topic in await _hidden(client, there)}
    return {topic: error for topic, error in errors.items() if topic not in there} | hidden


async def _hidden(client: AIOKafkaAdminClient, there: Sequence[str]) -> list[str]:
    """Return those of these topics, which exist, that Kafka does not show: a new one may take a moment."""
    missing = list(there)
    for _ in range(LOOKS):
        if missing:
            shown = await existing(client, missing, config=False)
            missing = [topic for topic in missing if topic not in shown]
        if missing:
            await asyncio.sleep(LOOK_PAUSE)
    return missing


async def _configs(client: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, Mapping[str, str]]:
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    configs: dict[str, Mapping[str, str]] = {}
    for answer in await client.describe_configs(asked):
        for code, _, _, name, entries in answer.resources:
            if code:
                raise for_code(code)(name)
            configs[name] = _values(entries)
    return configs


def _values(entries: Iterable[Sequence[Any]]) -> dict[str, str]:
    return {entry[0]: entry[1] for entry in entries if entry[1] is not None}
