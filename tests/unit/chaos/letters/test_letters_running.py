"""Occasions for faults: a few more submissions, and none while many are still to be answered."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from tests.chaos.evidence import Sent
from tests.chaos.letters import running
from tests.chaos.letters.plan import Kind
from tests.chaos.letters.running import AT_ONCE, ENOUGH, Letters


class Producer:
    """Notes what is published."""

    def __init__(self, asked):
        self.sent = [Sent(f"l-{n}", "", Kind.LETTER, 0, n, system="edelivery") for n in range(asked)]

    def next_id(self, word):
        return f"{word}-{len(self.sent)}"

    async def send(self, topic, made):
        assert topic == "herald.edelivery.submissions"
        return SimpleNamespace(partition=0, offset=len(self.sent))


@pytest.mark.parametrize(
    ("asked", "answered", "more"),
    [(0, 0, AT_ONCE), (ENOUGH - 1, 0, AT_ONCE), (ENOUGH, 0, 0), (ENOUGH, 1, AT_ONCE)],
)
async def test_more_is_published_unless_many_are_to_be_answered(asked, answered, more):
    topics = SimpleNamespace(submissions="herald.edelivery.submissions")
    installation = SimpleNamespace(of=lambda _: SimpleNamespace(topics=topics))
    watch = SimpleNamespace(kinds={f"l-{n}": "accepted" for n in range(answered)})
    producer = Producer(asked)
    await Letters(installation, producer, watch, "dsn").occasion_to_send()
    assert len(producer.sent) == asked + more


async def test_tokens_end_again_only_some_time_after_their_last_end(monkeypatch):
    monkeypatch.setattr(running, "BETWEEN_ENDS_OF_TOKENS", 0.2)
    letters, began, ended = Letters(None, None, None, "dsn"), [], []
    for _ in range(2):
        async with letters.ending_tokens():
            began.append(time.monotonic())
        ended.append(time.monotonic())
    assert began[1] - ended[0] >= 0.19
    assert ended[0] - began[0] < 0.1
