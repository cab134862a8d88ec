"""Faults of Kafka: brokers die, and a reply topic refuses what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
)

from tests.chaos.run_context import RunContext
from tests.support.kafka.broker import Broker
from tests.support.worker.kafka import LARGEST

DEAD_SECONDS = 1.5
REFUSED_SECONDS = 4.0
TINY = 100
"""Bytes of a record batch, less than any reply takes."""
ADMIN_SECONDS = 10.0
TRIES = 10


async def kill_one(context: RunContext) -> None:
    """Kill one broker and start it again."""
    await _restart([context.chance.choice(context.cluster.brokers)])
    context.faults["broker-kill-9"] += 1


async def kill_all(context: RunContext) -> None:
    """Kill every broker and start them again."""
    await _restart(context.cluster.brokers)
    context.faults["all-brokers-kill-9"] += 1


async def reply_too_large(context: RunContext) -> None:
    """Let the topic of results refuse, for a while, every record as large as a reply."""
    await _largest(context, TINY)
    try:
        await asyncio.sleep(REFUSED_SECONDS)
    finally:
        await _largest(context, LARGEST)
    context.faults["reply-too-large"] += 1


async def reply_not_authorised(context: RunContext) -> None:
    """Deny all writing to the topic of results for a while."""
    topic = context.installation.topics.results
    # Where a topic has any rule, what no rule allows is denied: the first rule lets its readers go on.
    rules = [
        _rule(topic, AclOperation.ALL, AclPermissionType.ALLOW),
        _rule(topic, AclOperation.WRITE, AclPermissionType.DENY),
    ]
    await _admin(context, lambda admin: admin.create_acls(rules).values())
    try:
        await asyncio.sleep(REFUSED_SECONDS)
    finally:
        await _admin(context, lambda admin: admin.delete_acls([_any_rule(topic)]).values())
    context.faults["reply-not-authorised"] += 1


async def _restart(brokers: list[Broker]) -> None:
    for broker in brokers:
        broker.kill9()
    try:
        await asyncio.sleep(DEAD_SECONDS)
    finally:
        for broker in brokers:
            broker.start()
    for broker in brokers:
        await asyncio.to_thread(broker.wait_ready)


async def _largest(context: RunContext, size: int) -> None:
    entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(
        ConfigResource.Type.TOPIC, context.installation.topics.results, incremental_configs=[entry]
    )
    await _admin(context, lambda admin: admin.incremental_alter_configs([resource]).values())


async def _admin(context: RunContext, ask: Callable[[AdminClient], Any]) -> None:
    """Run an administrative request, trying again while a broker is coming back."""
    for attempt in range(TRIES):
        try:
            await asyncio.to_thread(_wait_for, context.installation.bootstrap, ask)
        except KafkaException:
            if attempt == TRIES - 1:
                raise
            await asyncio.sleep(1)
        else:
            return


def _wait_for(bootstrap: str, ask: Callable[[AdminClient], Any]) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})  # kept until its results are there
    for done in ask(admin):
        done.result(ADMIN_SECONDS)


def _rule(topic: str, operation: AclOperation, permission: AclPermissionType) -> AclBinding:
    return AclBinding(
        ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, "User:ANONYMOUS", "*", operation, permission
    )


def _any_rule(topic: str) -> AclBindingFilter:
    return AclBindingFilter(
        ResourceType.TOPIC,
        topic,
        ResourcePatternType.LITERAL,
        None,
        None,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
