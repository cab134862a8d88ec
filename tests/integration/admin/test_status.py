"""`herald status` by a journal, with Kafka and without."""

from __future__ import annotations

from datetime import timedelta

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.support.cli.commands import beside, settings_file
from tests.support.postgres.journal import (
    AT,
    dead_letter,
    final,
    received,
    request,
    sending,
)
from tests.support.worker.hospital import Event
from tests.support.worker.installation import new_topics
from tests.support.worker.kafka import publish
from worker.pipeline.ports import Schedule, State

NOBODY = {"bootstrap_servers": "127.0.0.1:1"}


@pytest.fixture
async def filled(journal):
    """One submission in flight, two that wait for their next attempt, one held, one record that is no event."""
    flies = await journal.claim(request("flies"))
    await journal.sending(flies.ticket, sending(1), in_doubt=True)
    for number, name in enumerate(("waits-1", "waits-2")):
        claimed = await journal.claim(
            request(name, signer="dr-petrov", received_at=AT + timedelta(hours=number))
        )
        await journal.sending(claimed.ticket, sending(1, message_id=f"m-{name}"), in_doubt=True)
        ended = received(
            1, message_id=f"m-{name}", outcome="retry", reason="no-connection", status=None, body=None
        )
        await journal.received(claimed.ticket, ended, in_doubt=False, schedule=Schedule(1, 2.5, AT))
    held = await journal.claim(request("held", source="urn:hospital:2"))
    await journal.finish(held.ticket, final(State.HELD, dead_letter=dead_letter(submission_id="held")), None)
    await journal.park(dead_letter("d-2", signer=None, source=None, submission_id=None), AT)
    return journal


def loads(found):
    return {(one["signer"], one["source"]): one for one in found["loads"]}


async def test_what_waits_and_flies_is_reported_by_signer_and_source_without_kafka(
    filled, journal_dsn, tmp_path
):
    run = beside(settings_file(tmp_path, journal_dsn, NOBODY))
    done = await run("status", "--json")
    assert done.code == 3
    found = done.json
    by = loads(found)
    assert by["dr-ivanova", "urn:hospital:1"]["in_flight"] == 1
    waits = by["dr-petrov", "urn:hospital:1"]
    assert (waits["waiting"], waits["why"], waits["oldest"]) == (2, "no-connection", AT.isoformat())
    assert (by["dr-ivanova", "urn:hospital:2"]["held"], by[None, None]["open"]) == (1, 1)
    assert [one["running"] for one in found["workers"]] == [True]
    assert (found["lags"], found["wrong"]) == (None, [])
    (why,) = found["not_asked"]
    assert "127.0.0.1:1: the connection is refused" in why

    people = await run("status")
    assert (people.code, "could not be read" in people.err, "/readyz" in people.err) == (3, True, True)
    assert "no-connection" in people.out


async def test_submissions_of_a_worker_that_is_gone_are_left_behind(
    filled, journal_dsn, tmp_path, connection
):
    await connection.execute("update workers set lease_until = now() - interval '1 minute'")
    found = (await beside(settings_file(tmp_path, journal_dsn, NOBODY))("status", "--json")).json
    assert [one.split(":")[0] for one in found["wrong"]] == [
        "No worker runs",
        "3 submissions are in progress at workers that no longer run",
    ]


async def test_what_a_live_worker_released_is_not_left_behind_and_says_why_it_waits(
    journal, journal_dsn, tmp_path, connection
):
    for name, signer in (("by-source", "dr-a"), ("by-signer", "dr-b"), ("free", "dr-c"), ("new", "dr-d")):
        source = "urn:hospital:stopped" if name == "by-source" else "urn:hospital:1"
        await journal.claim(request(name, source=source, signer=signer))
    await connection.execute("update submissions set owner = null where id <> 'new'")
    for scope, name in (("source", "urn:hospital:stopped"), ("signer", "dr-b")):
        await connection.execute(
            "insert into sender_stops (system, scope, name, why, reasons, probe_at) "
            "values ('nhis', $1, $2, 'a flood', '{}', now())",
            scope,
            name,
        )
    run = beside(settings_file(tmp_path, journal_dsn, NOBODY))
    found = (await run("status", "--json")).json
    assert not [one for one in found["wrong"] if "no longer run" in one]
    assert {signer: (one["why"], one["released"]) for (signer, _), one in loads(found).items()} == {
        "dr-a": ("source is stopped", 1),
        "dr-b": ("signer is stopped", 1),
        "dr-c": ("released by a worker", 1),
        "dr-d": ("not sent yet", 0),
    }
    assert "1 source, 1 signer stopped" in (await run("status")).out


async def test_an_installation_that_works_ends_with_0_and_a_stop_with_3(
    kafka, journal, journal_dsn, tmp_path, connection
):
    topics = new_topics("nhis", kafka.bootstrap, 2)
    await publish(kafka.bootstrap, topics.submissions, [Event(str(n), b"p", b"{}", ()) for n in range(5)])
    group = f"g-{topics.prefix}"
    config = settings_file(
        tmp_path, journal_dsn, {"bootstrap_servers": kafka.bootstrap, "topic_prefix": topics.prefix}
    )
    run, variables = beside(config), {"HERALD_INTAKE__GROUP_ID": group}

    never_read = (await run("status", "--json", variables=variables)).json
    assert never_read["not_asked"] == []
    assert (never_read["lags"]["nhis"]["behind"], never_read["lags"]["nhis"]["unread"]) == (5, 1)
    assert "has read nothing of 1 of the 2 partitions" in never_read["wrong"][0]

    await commit(kafka.bootstrap, f"{group}.nhis", topics.submissions, 3)
    done = await run("status", "--json", variables=variables)
    assert (done.code, done.json["lags"]["nhis"]["behind"]) == (0, 2), done
    await connection.execute("insert into intake_stops values ('nhis', now(), 'a flood', now())")
    stopped = await run("status", "--json", variables=variables)
    assert (stopped.code, stopped.json["wrong"]) == (
        3,
        ["Intake of nhis is stopped: a flood. See `herald intake status`."],
    )


async def commit(bootstrap: str, group: str, topic: str, offset: int) -> None:
    """Commit this offset of the partition that holds records."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False)
    async with consumer:
        places = [TopicPartition(topic, number) for number in range(2)]
        ends = await consumer.end_offsets(places)
        consumer.assign(places)
        await consumer.commit({place: offset if ends[place] else 0 for place in places})
