"""When a submission may be forgotten: only once no topic can bring its record again."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from worker.admin import topic_retention
from worker.admin.topic_retention import longer_than, submissions_topics, why_not_forget
from worker.kafka.topic_plan import TopicState
from worker.settings.model import Settings

DAY = 86_400_000
SENDERS = {"clinic": {"sender_id": "clinic", "password_file": Path("clinic")}}


@pytest.mark.parametrize(
    ("kept", "days", "words"),
    [
        ({}, 1, None),
        ({"t": str(14 * DAY)}, 15, None),
        ({"t": str(14 * DAY)}, 14, "t keeps records for 14 days, and submissions are kept for 14"),
        ({"a": str(DAY), "t": str(36 * 3_600_000)}, 2, "t keeps records for 1.5 days"),
        ({"t": "-1"}, 9999, "t keeps records for ever"),
        ({"t": str(2**63 - 1)}, 9999, "t keeps records for"),
        ({"t": None}, 9999, "Kafka does not tell how long t keeps records"),
    ],
)
def test_the_topic_that_keeps_records_longest_decides(kept, days, words):
    found = longer_than(kept, days)
    assert found is None if words is None else words in found


@pytest.fixture
def settings():
    return Settings(
        kafka={"bootstrap_servers": "kafka.example:9092", "topic_prefix": "h."},
        journal={"dsn_file": Path("dsn")},
        systems={
            "nhis": {},
            "nhif": {},
            "kz_shep": {"url": "https://shep.example/", "senders": SENDERS, "verify_answers": False},
        },
    )


def test_a_worker_of_one_system_asks_about_the_topics_of_all(settings):
    every = {"h.nhis.submissions", "h.kz-shep.submissions", "h.nhif.submissions"}
    assert set(submissions_topics(settings)) == every
    one = settings.serving(["nhis", "nhif"]).serving(["nhis"])
    assert one.systems.configured() == ["nhis"]
    assert len(submissions_topics(one)) == 3
    assert set(submissions_topics(one)) == every


@pytest.mark.parametrize(
    ("hidden", "words"),
    [(None, None), ("h.kz-shep.submissions", "Kafka does not tell how long h.kz-shep.submissions keeps")],
)
async def test_a_topic_that_kafka_does_not_show_may_keep_records(monkeypatch, settings, hidden, words):
    @asynccontextmanager
    async def administration(_kafka):
        yield None

    async def existing(_client, topics):
        return {name: TopicState(1, 1, {"retention.ms": str(DAY)}) for name in topics if name != hidden}

    monkeypatch.setattr(topic_retention, "administration", administration)
    monkeypatch.setattr(topic_retention, "existing", existing)
    found = await why_not_forget(settings.serving(["nhis"]), 30)
    assert found is None if words is None else words in found
