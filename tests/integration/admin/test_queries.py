"""What the command line reads."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.postgres.journal import (
    AT,
    EVERY_BYTE,
    SOURCE,
    dead_letter,
    event,
    final,
    received,
    request,
    sending,
)
from worker.admin import queries
from worker.admin.queries import dead_letter as one_dead_letter
from worker.admin.queries import show
from worker.admin.views import DeadLetterFilter, SubmissionFilter
from worker.pipeline.ports import Schedule, State


@pytest.fixture
async def filled(journal):
    """Three submissions: accepted, failed with a dead letter after two attempts, claimed by another signer."""
    accepted = await journal.claim(request("accepted"))
    await journal.finish(accepted.ticket, final(), None)
    failed = await journal.claim(request("failed", received_at=AT + timedelta(hours=1)))
    await journal.sending(failed.ticket, sending(1), in_doubt=True)
    await journal.received(
        failed.ticket,
        received(1, outcome="retry", detail="The connection was refused", status=None, headers={}, body=None),
        in_doubt=False,
        schedule=Schedule(1, 2.5, AT),
    )
    await journal.sending(failed.ticket, sending(2, at=AT + timedelta(seconds=9)), in_doubt=True)
    died = dead_letter("d-1", submission_id="failed", reason="retries-exhausted")
    await journal.finish(failed.ticket, final(State.FAILED, dead_letter=died), received(2))
    await journal.claim(
        request(
            "claimed",
            signer="dr-petrov",
            operation="immunization.cancel",
            received_at=AT + timedelta(hours=2),
        )
    )
    await journal.park(
        dead_letter("d-2", reason="not-json", system="erx", signer=None), AT + timedelta(days=1)
    )
    return journal


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (SubmissionFilter(), ["claimed", "failed", "accepted"]),
        (SubmissionFilter(state=State.FAILED), ["failed"]),
        (SubmissionFilter(system="nhis", signer="dr-ivanova"), ["failed", "accepted"]),
        (SubmissionFilter(operation="immunization.cancel"), ["claimed"]),
        (SubmissionFilter(since=AT + timedelta(minutes=30)), ["claimed", "failed"]),
        (SubmissionFilter(system="erx"), []),
    ],
)
async def test_submissions_are_listed_newest_first(filled, connection, wanted, ids):
    assert [row.id async for row in queries.each_submission(connection, wanted)] == ids
    assert await queries.count_submissions(connection, wanted) == len(ids)


async def test_the_limit_holds(filled, connection):
    found = [row.id async for row in queries.each_submission(connection, SubmissionFilter(), limit=1)]
    assert found == ["claimed"]


async def test_a_submission_is_shown_with_its_evidence(filled, connection):
    (shown,) = await show(connection, "failed", SOURCE)
    row = shown.submission
    assert (row.state, row.attempts, row.revision, row.answered) == (State.FAILED, 2, 1, False)
    assert (row.topic, row.partition, row.offset) == ("herald.nhis.submissions", 3, 42)
    assert shown.reply == event()
    assert [attempt.number for attempt in shown.attempts] == [1, 2]
    assert (shown.attempts[0].answer, shown.attempts[0].answer_headers) == (None, None)
    assert shown.attempts[1].request == b"<request/>" + EVERY_BYTE
    assert shown.attempts[1].answer == b"<answer/>" + EVERY_BYTE
    assert shown.attempts[1].answer_headers == {"Content-Type": "application/xml", "X-Odd": "\x00é"}
    assert shown.dead_letter.id == "d-1"
    assert shown.dead_letter.topic == dead_letter().event.topic
    assert "request" not in repr(shown.attempts[1]).replace("request_headers", "")


async def test_a_submission_under_way_has_no_reply(filled, connection):
    (shown,) = await show(connection, "claimed")
    assert (shown.reply, shown.attempts, shown.dead_letter) == (None, (), None)
    assert shown.submission.owner == "worker-1"


async def test_an_id_that_two_sources_used_is_shown_twice(filled, connection):
    await filled.claim(request("claimed", source="urn:hospital:2"))
    found = await show(connection, "claimed")
    assert [one.submission.source for one in found] == [SOURCE, "urn:hospital:2"]
    assert await show(connection, "unknown") == []


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (DeadLetterFilter(), ["d-2", "d-1"]),
        (DeadLetterFilter(reason="not-json"), ["d-2"]),
        (DeadLetterFilter(system="nhis", operation="immunization.register", signer="dr-ivanova"), ["d-1"]),
        (DeadLetterFilter(since=AT + timedelta(hours=2)), ["d-2"]),
        (DeadLetterFilter(source=SOURCE), ["d-2", "d-1"]),
        (DeadLetterFilter(source="urn:hospital:2"), []),
        (DeadLetterFilter(key=b"\x00key\xff"), ["d-2", "d-1"]),
        (DeadLetterFilter(key=b"another"), []),
        (DeadLetterFilter(text="NOBODY knows"), ["d-2", "d-1"]),
        (DeadLetterFilter(text="not-JSON"), ["d-2"]),
        # In the attempts of d-1's submission.
        (DeadLetterFilter(text="connection was Refused"), ["d-1"]),
        # A wildcard is a character like any other; records, messages and answers are not searched.
        (DeadLetterFilter(text="%"), []),
        (DeadLetterFilter(text="nrn"), []),
        (DeadLetterFilter(text="<request/>"), []),
        (DeadLetterFilter(text="<answer/>"), []),
    ],
)
async def test_dead_letters_are_listed_newest_first(filled, connection, wanted, ids):
    assert [row.id async for row in queries.each_dead_letter(connection, wanted)] == ids
    assert await queries.count_dead_letters(connection, wanted) == len(ids)


async def test_one_dead_letter(filled, connection):
    found = await one_dead_letter(connection, "d-1")
    assert (found.reason, found.submission_id, found.state) == ("retries-exhausted", "failed", "open")
    assert (found.origin_topic, found.origin_partition, found.origin_offset) == (
        "herald.nhis.submissions",
        3,
        42,
    )
    assert await queries.dead_letter_event(connection, "d-1") == dead_letter().event
    assert await one_dead_letter(connection, "unknown") is None


async def test_an_id_without_its_source_is_found_by_the_primary_key(filled, connection):
    await connection.execute("""
insert into submissions (source, id, type, system, operation, signer, identity, content_hash, key_digest, record_topic,
    record_partition, record_offset, received_at)
select 'urn:hospital:many:' || n % 50, 'many-' || n, 't', 'nhis', 'o', 's', 'i', '', '', 'topic', 0, n, now()
from generate_series(1, 20000) n
""")
    await connection.execute("analyze submissions")
    assert [one.submission.source for one in await show(connection, "many-77")] == ["urn:hospital:many:27"]
    assert [one.submission.source for one in await show(connection, "claimed")] == [SOURCE]
    rows = await connection.fetch(
        f"explain {queries._SHOW.replace('$1', chr(39) + 'many-77' + chr(39)).replace('$2', 'null')}"
    )
    plan = "\n".join(row[0] for row in rows)
    assert "Seq Scan on submissions" not in plan, plan
