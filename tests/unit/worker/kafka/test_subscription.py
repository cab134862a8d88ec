"""A consumer that failed by Kafka's errors ends all the same; a defect is not hidden by its end."""

from __future__ import annotations

import pytest
from aiokafka.errors import KafkaError

from worker.kafka.intake_settings import IntakeSettings
from worker.kafka.subscription import Subscription


class Broker:
    """A broker of FastStream whose stop fails."""

    def __init__(self, error):
        self._error = error

    def subscriber(self, *_topics, **_options):
        return lambda on_batch: on_batch

    async def start(self):
        pass

    async def stop(self):
        raise self._error


async def started(error):
    subscription = Subscription(
        lambda: Broker(error), ("nhis.submissions",), "workers.nhis", IntakeSettings()
    )
    await subscription.start(None, None)
    return subscription


@pytest.mark.parametrize(
    "error",
    [
        KafkaError("Unexpected error during data retrieval"),
        ExceptionGroup("Failed to stop subscribers", [KafkaError("Unexpected error during data retrieval")]),
        TimeoutError(),
    ],
)
async def test_kafkas_errors_do_not_keep_it_from_ending(error):
    subscription = await started(error)
    await subscription.stop()
    assert not subscription.started


async def test_a_defect_is_raised():
    subscription = await started(ExceptionGroup("two", [KafkaError("one"), ValueError("another")]))
    with pytest.raises(ExceptionGroup) as raised:
        await subscription.stop()
    assert [type(one) for one in raised.value.exceptions] == [ValueError]
