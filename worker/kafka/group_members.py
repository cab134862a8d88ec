"""Whether anybody reads in a consumer group at present, asked of its coordinator without joining it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError, for_code

from worker.kafka.group_rights import DescribeGroup
from worker.kafka.inquiry import any_broker, connected, coordinator

if TYPE_CHECKING:
    from worker.kafka.settings import KafkaSettings

PAUSE = 0.2
DEADLINE = 15.0
"""Seconds for all questions together: a new cluster has to make the topic of offsets first."""
SECONDS = 5.0
"""For one broker."""


async def group_members(settings: KafkaSettings, group: str) -> int:
    """Return how many members a group has; one whose process died counts until its session ends.

    Raises KafkaError, TimeoutError, OSError.
    """
    async with asyncio.timeout(DEADLINE):
        while True:
            try:
                return await _asked(settings, group)
            except KafkaError as error:
                if not error.retriable:
                    raise
                await asyncio.sleep(PAUSE)


async def _asked(settings: KafkaSettings, group: str) -> int:
    async with any_broker(settings, seconds=SECONDS) as connection:
        host, port = await coordinator(connection, group)
    async with connected(settings, host, port, seconds=SECONDS) as connection:
        answer = await connection.send(DescribeGroup(group))
    ((code, *_, members, _operations),) = answer.groups
    if code:
        raise for_code(code)(group)
    return len(members)
