"""Two thousand calls through outages of Kafka and of the journal, with repeats and forgeries: one event for each."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from tests.support.inbound.installation import (
    ReceiverInstallation,
    call,
    call_until_taken,
    ready,
    url_of,
)
from tests.support.inbound.invented import KEY, NAME, body_of, signed
from tests.support.kafka.cluster import Cluster
from worker.pipeline.notification_events import event_id

DISTINCT, REPEATED, FORGED = 1400, 300, 300
AT_ONCE = 40


@pytest.fixture
def fragile(kafka_distribution, tmp_path_factory, journal_dsn, tmp_path):
    """An installation whose broker may be killed, and the broker."""
    with Cluster(kafka_distribution, tmp_path_factory.mktemp("kafka-receiver")) as cluster:
        yield ReceiverInstallation.build(cluster.bootstrap, journal_dsn, tmp_path), cluster.brokers[0]


class Traffic:
    """The calls of two thousand, in a fixed random order, to two receivers in turn."""

    def __init__(self, client, urls):
        chosen = random.Random(7)
        self._client, self._urls = client, urls
        self._work = [("genuine", number) for number in range(DISTINCT)]
        self._work += [("genuine", chosen.randrange(DISTINCT)) for _ in range(REPEATED)]
        self._work += [("forged", 10_000 + number) for number in range(FORGED)]
        chosen.shuffle(self._work)
        self._turns = iter(list(enumerate(self._work)))
        self.done = 0
        self.statuses, self.forged = Counter(), Counter()

    async def run(self):
        async with asyncio.TaskGroup() as callers:
            for _ in range(AT_ONCE):
                callers.create_task(self._call())

    async def _call(self):
        for turn, (kind, number) in self._turns:
            url = self._urls[turn % len(self._urls)]
            if kind == "forged":
                body = body_of(number)
                wrong = signed(body, KEY[::-1]) if number % 2 else signed(body_of(1))
                self.forged[await call(self._client, url, body, **wrong)] += 1
            else:
                self.statuses.update(await call_until_taken(self._client, url, body_of(number), seconds=110))
            self.done += 1

    async def until(self, part):
        while self.done < len(self._work) * part:  # noqa: ASYNC110 - no event says it
            await asyncio.sleep(0.05)


@pytest.mark.timeout(240)
async def test_nothing_is_lost_doubled_or_accepted_from_forgers(fragile, pg_server):
    installation, broker = fragile
    both = [installation.settings(), installation.settings()]
    with installation.process(both[0]), installation.process(both[1]):
        await asyncio.gather(*map(ready, both))
        async with installation.client() as client:
            traffic = Traffic(client, [url_of(one) for one in both])
            calls = asyncio.create_task(traffic.run())
            await traffic.until(0.25)
            await asyncio.to_thread(broker.kill9)
            await asyncio.sleep(7)
            broker.start()
            await asyncio.to_thread(broker.wait_ready)
            await traffic.until(0.6)
            await asyncio.to_thread(pg_server.stop, "immediate")
            await asyncio.sleep(3)
            await asyncio.to_thread(pg_server.start)
            await calls
    records = await installation.records()
    found = Counter(dict(one.headers)["ce_id"].decode() for one in records)
    assert set(found) == {event_id(NAME, f"n-{number}") for number in range(DISTINCT)}
    by_id = {}
    for one in records:
        by_id.setdefault(dict(one.headers)["ce_id"], set()).add((one.key, one.value, tuple(one.headers)))
    assert {len(forms) for forms in by_id.values()} == {1}
    # One whose acknowledgement was lost with the broker is published again: the same record, by its `ce_id` too.
    assert DISTINCT <= len(records) <= DISTINCT + AT_ONCE
    assert traffic.statuses[200] == DISTINCT + REPEATED
    # What is not known to be genuine is refused, or not looked at during an outage of the journal.
    assert set(traffic.forged) <= {401, 0}
    assert set(traffic.statuses) <= {200, 503, 0}
    assert traffic.statuses[503] > 0
    log = installation.logs()
    assert "Traceback" not in log
    assert "ssssssss" not in log
