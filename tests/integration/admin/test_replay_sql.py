"""Replays and discards in the journal: ordered first, opened by the pointer, written down for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from contracts.dead_letters import Origin
from tests.support.postgres.journal import (
    AT,
    PLACE,
    SOURCE,
    dead_letter,
    event,
    final,
    received,
    request,
    sending,
)
from worker.admin import replay_sql
from worker.admin.audit_log import entries_of
from worker.admin.views import DeadLetterFilter
from worker.pipeline.ports import Claimed, Conflict, Finished, Schedule, State

EVERYTHING = DeadLetterFilter()


async def die(journal, number=1, state=State.FAILED, sent=True, reply=None, **asked):
    """Let submission s-<number> end with dead letter d-<number>."""
    claimed = await journal.claim(request(f"s-{number}", **asked))
    if sent:
        await journal.sending(claimed.ticket, sending(number), in_doubt=True)
    letter = dead_letter(f"d-{number}", submission_id=f"s-{number}")
    got = received(number, outcome="blocked") if sent else None
    await journal.finish(claimed.ticket, final(state, dead_letter=letter, reply=reply or event()), got)
    await journal.answered(SOURCE, f"s-{number}", 1, PLACE)


async def order(connection, *ids):
    return await replay_sql.order(connection, ids, who="nurse", reason="mended")


async def test_an_ordered_replay_begins_the_next_revision(journal, connection):
    await die(journal)
    assert await order(connection, "d-1") == ["d-1"]

    claimed = await journal.claim(request("s-1", replay_of="d-1", identity="another", signer="other"))

    assert isinstance(claimed, Claimed)
    assert (claimed.revision, claimed.attempts, claimed.identity) == (2, 1, "lrn-s-1")
    assert claimed.first_attempt is claimed.last_attempt is None
    assert claimed.schedule == Schedule()
    assert not claimed.in_doubt
    row = await connection.fetchrow("select * from submissions")
    assert (row["signer"], row["state"], row["answered"]) == ("dr-ivanova", "claimed", False)
    assert row["finished_at"] is row["reply_topic"] is row["reply_value"] is row["dead_letter_id"] is None
    await journal.sending(claimed.ticket, sending(2), in_doubt=True)
    await journal.finish(claimed.ticket, final(), received(2))
    assert await journal.claim(request("s-1", replay_of="d-1")) == Finished(
        State.ACCEPTED, event(), None, answered=False, revision=2
    )


async def test_what_was_never_sent_is_named_anew(journal, connection):
    unread = dict.fromkeys(("type", "operation", "signer", "identity"), "unread")
    await die(journal, sent=False, content_hash=b"raw", **unread)
    await order(connection, "d-1")

    claimed = await journal.claim(request("s-1", replay_of="d-1", unread_hash=b"raw"))

    assert (claimed.revision, claimed.attempts, claimed.identity) == (2, 0, "lrn-s-1")
    row = await connection.fetchrow("select type, operation, signer, content_hash from submissions")
    asked = request("s-1")
    assert tuple(row) == (asked.type, asked.operation, asked.signer, asked.content_hash)


async def test_what_is_held_keeps_its_doubt_through_a_replay(journal, connection):
    await die(journal, state=State.HELD)
    await order(connection, "d-1")
    claimed = await journal.claim(request("s-1", replay_of="d-1"))
    assert claimed.in_doubt


async def test_a_pointer_without_an_order_opens_nothing(journal, connection):
    await die(journal)
    for asked in (request("s-1", replay_of="d-1"), request("s-1", replay_of="d-9"), request("s-1")):
        assert isinstance(await journal.claim(asked), Finished)
    await order(connection, "d-1")
    assert isinstance(await journal.claim(request("s-1")), Finished)
    assert await journal.claim(request("s-1", replay_of="d-1", content_hash=b"other")) == Conflict()
    assert await connection.fetchval("select revision from submissions") == 1


async def test_two_copies_of_a_replay_at_once_are_one_revision(open_journal, connection):
    journals = [await open_journal(f"worker-{n}") for n in range(4)]
    await die(journals[0])
    await order(connection, "d-1")
    results = await asyncio.gather(*(one.claim(request("s-1", replay_of="d-1")) for one in journals))
    assert sorted(type(one).__name__ for one in results) == ["Busy", "Busy", "Busy", "Claimed"]
    assert await connection.fetchval("select revision from submissions") == 2


async def test_candidates_come_in_the_order_in_which_the_submissions_came(journal, connection):
    for number, (partition, offset) in enumerate([(1, 5), (0, 9), (1, 2)], 1):
        await die(journal, number, partition=partition, offset=offset)
    # The third died again, as a replay far behind the others: it keeps its place.
    await order(connection, "d-3")
    claimed = await journal.claim(request("s-3", replay_of="d-3", partition=1, offset=99))
    again = dead_letter(
        "d-4", submission_id="s-3", origin=Origin("herald.nhis.submissions", 1, 99, 0), replay_count=1
    )
    await journal.finish(claimed.ticket, final(State.FAILED, dead_letter=again), None)
    nameless = dead_letter(
        "d-5", source=None, submission_id=None, origin=Origin("herald.nhis.submissions", 1, 3, 0)
    )
    await journal.park(nameless, AT)

    found = await replay_sql.candidates(connection, EVERYTHING)

    assert [one.id for one in found] == ["d-2", "d-3", "d-4", "d-5", "d-1"]
    by_id = {one.id: one for one in found}
    assert (
        by_id["d-4"].replay_count,
        by_id["d-4"].current_dead_letter_id,
        by_id["d-3"].current_dead_letter_id,
    ) == (1, "d-4", "d-4")
    assert (by_id["d-5"].submission, by_id["d-5"].current_dead_letter_id) == (None, None)


async def test_an_order_takes_only_what_is_open_and_counts(journal, connection):
    await die(journal, 1)
    await die(journal, 2)
    await die(journal, 3)
    assert await replay_sql.discard(connection, ["d-1"], who="nurse", reason="no") == ["d-1"]
    assert await order(connection, "d-3", "d-1", "d-2") == ["d-3", "d-2"]
    assert await order(connection, "d-2") == []
    assert await replay_sql.discard(connection, ["d-1", "d-2"], who="nurse", reason="no") == []

    (last, _) = found = await replay_sql.ordered(connection, ["d-3", "d-2"])
    assert [(one.id, one.count) for one in found] == [("d-3", 1), ("d-2", 1)]
    assert (last.topic, last.partition) == ("herald.nhis.submissions", 3)
    assert last.event == event("herald.nhis.dead-letters")
    await replay_sql.published(connection, ["d-3"])
    await replay_sql.refused(connection, ["d-2", "d-3"], who="nurse", reason="too large")
    states = await connection.fetch("select state from dead_letters order by id")
    assert [row["state"] for row in states] == ["discarded", "open", "replayed"]
    told = {one: [act.act for act in await entries_of(connection, one)] for one in ("d-1", "d-2", "d-3")}
    assert told == {"d-1": ["discard"], "d-2": ["replay", "replay-refused"], "d-3": ["replay"]}


async def test_acts_say_who_when_and_why_and_are_for_ever(journal, connection):
    await die(journal)
    await order(connection, "d-1")
    (act,) = await entries_of(connection, "d-1")
    assert (act.who, act.act, act.reason, act.dead_letter_id) == ("nurse", "replay", "mended", "d-1")
    assert act.at.tzinfo is not None
    for statement in ("update audit_log set who = 'nobody'", "delete from audit_log"):
        with pytest.raises(asyncpg.RaiseError):
            await connection.execute(statement)


async def test_one_replays_at_a_time(connection, journal_dsn):
    other = await asyncpg.connect(journal_dsn)
    assert await replay_sql.lock(connection)
    assert not await replay_sql.lock(other)
    await connection.close()
    async with asyncio.timeout(5):
        while not await replay_sql.lock(other):  # noqa: ASYNC110 - the server notices the end a little later
            await asyncio.sleep(0.01)
    await other.close()


async def test_filters(journal, connection):
    await die(journal)
    await journal.park(dead_letter("d-2", reason="not-json", signer=None), AT.replace(year=2027))
    await replay_sql.discard(connection, ["d-2"], who="nurse", reason="no")

    async def ids(**wanted):
        return [one.id for one in await replay_sql.candidates(connection, DeadLetterFilter(**wanted))]

    assert await ids(state="discarded") == ["d-2"]
    assert await ids(until=AT.replace(year=2027)) == ["d-1"]
    assert await ids(since=AT.replace(year=2027)) == ["d-2"]
    assert await ids(signer="dr-ivanova") == ["d-1"]
    assert await ids(ids=("d-2", "d-9")) == ["d-2"]
    assert await ids(reason="not-json", state="open") == []


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ({"identity": "rx-1"}, True),
        ({"identity": "rx-2"}, False),
        ({"identity": "rx-1", "operation": "another"}, False),
        ({"identity": "rx-1", "sent": False}, False),
    ],
)
async def test_a_letter_is_overtaken_where_a_later_submission_of_its_record_was_sent(
    journal, connection, later, expected
):
    await die(journal, identity="rx-1")
    await die(journal, 2, received_at=AT + timedelta(seconds=1), **later)

    found = {one.id: one.overtaken for one in await replay_sql.candidates(connection, EVERYTHING)}

    assert found == {"d-1": expected, "d-2": False}
