"""`herald topics create` on a real Kafka."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from tests.support.cli.commands import beside, settings_file
from tests.support.worker.installation import eventually

ONE_BROKER = ("topics", "create", "--replication", "1", "--partitions", "3")


@pytest.fixture
def prefix():
    return f"t-{uuid.uuid4().hex[:12]}."


@pytest.fixture
def configured(tmp_path):
    """Return commands with these settings of Kafka; the journal is never asked."""

    def run(**kafka):
        return beside(settings_file(tmp_path, "postgresql://nobody@127.0.0.1:1/none", kafka))

    return run


async def test_topics_are_made_once_with_the_settings_that_the_docs_state(kafka, prefix, configured):
    run = configured(bootstrap_servers=kafka.bootstrap, topic_prefix=prefix)
    names = [f"{prefix}nhis.{kind}" for kind in ("dead-letters", "errors", "results", "submissions")]

    tried = await run(*ONE_BROKER, "--dry-run", "--json")
    assert (tried.code, sorted(one["name"] for one in tried.json["created"])) == (0, names)
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    assert not set(names) & set(admin.list_topics(timeout=10).topics)

    made = await run(*ONE_BROKER)
    assert (made.code, "4 made" in made.err) == (0, True), made
    topics = admin.list_topics(timeout=10).topics
    assert [len(topics[name].partitions) for name in names] == [3, 3, 3, 3]
    again = await run(*ONE_BROKER, "--json")
    assert (again.code, again.json["created"], sorted(again.json["existed"])) == (0, [], names)
    # With the defaults the same topics are different, and stay as they are.
    other = await run("topics", "create", "--json")
    assert other.code == 3
    assert other.json["different"][names[0]][:2] == [
        "it has 3 partitions, not 12",
        "it has 1 replica, not 3",
    ]


async def test_differences_of_what_exists_are_reported_and_the_rest_is_made(kafka, prefix, configured):
    run = configured(bootstrap_servers=kafka.bootstrap, topic_prefix=prefix)
    mine = NewTopic(f"{prefix}nhis.submissions", num_partitions=3, config={"cleanup.policy": "compact"})
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.create_topics([mine])[mine.topic].result(30)
    # The broker shows it a moment later.
    await eventually(lambda: asyncio.to_thread(_topics, admin), lambda shown: mine.topic in shown)

    done = await run(*ONE_BROKER)
    assert done.code == 3, done
    assert "cleanup.policy is compact, not delete" in done.out
    assert "3 made, 1 existed" in done.err


def _topics(admin):
    return admin.list_topics(timeout=10).topics


async def test_what_kafka_refuses_is_reported_by_topic(kafka, prefix, configured):
    run = configured(bootstrap_servers=kafka.bootstrap, topic_prefix=prefix)
    done = await run("topics", "create", "--replication", "3")
    assert done.code == 1, done
    assert "--replication" in done.out
    assert "0 made, 0 existed, 4 refused" in done.err


@pytest.mark.parametrize("command", [ONE_BROKER, ("watch",)])
async def test_why_no_address_works_is_reported(kafka, configured, command):
    """TLS towards a listener without it, and an address where nobody listens."""
    tls = configured(bootstrap_servers=kafka.bootstrap, security={"protocol": "ssl"})
    refused = await tls(*command)
    assert (refused.code, refused.err.count("Traceback")) == (1, 0)
    assert "kafka.security.protocol" in refused.err
    nobody = await configured(bootstrap_servers="127.0.0.1:1,nowhere.invalid:9092")(*command)
    assert "127.0.0.1:1: the connection is refused" in nobody.err
    assert "nowhere.invalid:9092: there is no such host name" in nobody.err
