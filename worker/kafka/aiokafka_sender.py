"""The task by which an aiokafka producer sends. It is private to the library, so only this module touches it.

A unit test fails where the installed version no longer has what this module relies on.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from aiokafka.errors import KafkaError

if TYPE_CHECKING:
    from aiokafka import AIOKafkaProducer

STOP_DEADLINE = 5.0
"""Seconds to stop a producer. What is not acknowledged by then is published again by the next worker or command;
to wait longer for a Kafka that is unavailable would only exceed the time that an orchestrator grants."""


def has_ended(producer: AIOKafkaProducer) -> bool:
    """Tell whether the sending task has ended: every send fails from then on, with an error like any other."""
    task = producer._sender.sender_task  # noqa: SLF001 - aiokafka has no public way
    return task is not None and bool(task.done())


async def stop(producer: AIOKafkaProducer) -> None:
    """Flush and stop a producer; one whose acknowledgements do not come is closed without them."""
    with contextlib.suppress(KafkaError):
        try:
            async with asyncio.timeout(STOP_DEADLINE):
                await producer.stop()
        except TimeoutError:
            # aiokafka has no way to stop without flushing; its sender in turn waits for requests in flight.
            if task := producer._sender.sender_task:  # noqa: SLF001
                task.cancel()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(STOP_DEADLINE):
                    await producer.client.close()
