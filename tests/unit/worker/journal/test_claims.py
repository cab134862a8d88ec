"""What a claim finds: the table of docs/journal.md."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.postgres.journal import AT, dead_letter, event
from worker.journal.claims import Asked, Known, LetterState, Reopen, verdict
from worker.pipeline.ports import FINAL_STATES, Busy, Conflict, Finished, Place, State, Waiting

OPEN_STATES = [State.CLAIMED, State.SENDING]
REPLY, DEAD = event(), dead_letter().event


def known(state, owner="other", lease_left=None, content=b"same", *, answered=True, places=()):
    reply = REPLY if state in FINAL_STATES else None
    return Known(content, state, owner, lease_left, answered, reply, DEAD, places=places)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("owner", ["me", "other", None])
def test_other_content_is_a_conflict_whatever_the_state(state, owner):
    assert verdict(known(state, owner, 5.0, b"else"), Asked(b"same"), "me") == Conflict()


@pytest.mark.parametrize(
    ("kept", "asked", "conflict"),
    [(b"a", b"a", False), (b"a", b"b", True), (None, b"a", True), (b"a", None, True), (None, None, True)],
)
def test_other_content_that_the_contract_reads_alike_is_no_conflict(kept, asked, conflict):
    it = replace(known(State.ACCEPTED, content=b"else"), meaning_hash=kept)
    assert (verdict(it, Asked(b"same", meaning_hash=asked), "me") == Conflict()) is conflict


@pytest.mark.parametrize("state", sorted(FINAL_STATES))
@pytest.mark.parametrize("owner", ["me", "other", None])
@pytest.mark.parametrize("lease_left", [None, 5.0])
def test_the_end_is_the_end_whoever_asks(state, owner, lease_left):
    assert verdict(known(state, owner, lease_left), Asked(b"same"), "me") == Finished(
        state, REPLY, DEAD, True
    )


@pytest.mark.parametrize("owner", ["me", "other", None])
@pytest.mark.parametrize("lease_left", [None, 0.0, 5.0])
def test_what_waits_for_its_answer_is_nobodys_to_send(owner, lease_left):
    since = Waiting(1, "c-1", AT, AT)
    it = replace(known(State.WAITING, owner, lease_left), waiting=since)
    assert verdict(it, Asked(b"same"), "me") == since
    assert verdict(it, Asked(b"else"), "me") == Conflict()
    assert verdict(it, Asked(b"same", replay_of="d-1"), "me") == since


@pytest.mark.parametrize(
    ("owner", "lease_left", "waits"),
    [
        ("other", 5.0, True),
        ("other", 0.0, False),
        ("other", None, False),
        (None, None, False),
        ("me", 5.0, False),
    ],
)
def test_a_reply_that_is_about_to_be_published_is_waited_for(owner, lease_left, waits):
    found = verdict(known(State.ACCEPTED, owner, lease_left, answered=False), Asked(b"same"), "me")
    assert found == (Busy("other", 5.0) if waits else Finished(State.ACCEPTED, REPLY, DEAD, False))


HERE = Place("t", 0, 5, 1_000, "topic-1")


@pytest.mark.parametrize(
    ("places", "answered", "here"),
    [
        ((HERE,), True, True),
        ((replace(HERE, offset=1), HERE), True, True),
        ((replace(HERE, topic_id=None),), True, True),
        ((HERE,), False, False),  # a later revision is not answered yet
        ((replace(HERE, topic_id="topic-2"),), True, False),
        ((replace(HERE, topic_id=None, timestamp_ms=1_001),), True, False),
        ((replace(HERE, offset=6),), True, False),
        ((replace(HERE, partition=1),), True, False),
        ((replace(HERE, topic="u"),), True, False),
        ((), True, False),  # taken by the version before, which kept no timestamp
    ],
)
def test_a_record_from_the_place_of_one_that_was_answered_is_done(places, answered, here):
    found = verdict(known(State.FAILED, answered=answered, places=places), Asked(b"same", place=HERE), "me")
    assert isinstance(found, Finished)
    assert found.answered_here is here


@pytest.mark.parametrize("state", OPEN_STATES)
@pytest.mark.parametrize(
    ("owner", "lease_left", "expected"),
    [
        ("other", 5.0, Busy("other", 5.0)),
        ("other", 0.001, Busy("other", 0.001)),
        ("other", 0.0, None),
        ("other", -3.0, None),
        ("other", None, None),  # no such worker any more
        (None, None, None),  # released
        ("me", 5.0, None),
        ("me", -3.0, None),  # our own, whatever became of our lease
    ],
)
def test_what_is_under_way_is_busy_or_taken_over(state, owner, lease_left, expected):
    assert verdict(known(state, owner, lease_left), Asked(b"same"), "me") == expected


def died(state=State.FAILED, letter_state=LetterState.REPLAYED, letter="d-1", content=b"same"):
    return Known(content, state, "other", 5.0, True, REPLY, DEAD, letter, letter_state)


@pytest.mark.parametrize("state", [State.FAILED, State.HELD])
@pytest.mark.parametrize("letter_state", [LetterState.REPLAYING, LetterState.REPLAYED])
def test_an_ordered_replay_opens_what_failed_or_is_held_whoever_had_it(state, letter_state):
    assert verdict(died(state, letter_state), Asked(b"same", "d-1"), "me") == Reopen()


@pytest.mark.parametrize("state", [State.ACCEPTED, State.REJECTED])
def test_no_replay_opens_what_the_system_answered(state):
    assert verdict(died(state), Asked(b"same", "d-1"), "me") == Finished(state, REPLY, DEAD, True)


@pytest.mark.parametrize("letter_state", [LetterState.OPEN, LetterState.DISCARDED, LetterState.SETTLED, None])
def test_a_header_alone_opens_nothing(letter_state):
    found = verdict(died(letter_state=letter_state), Asked(b"same", "d-1"), "me")
    assert found == Finished(State.FAILED, REPLY, DEAD, True)


@pytest.mark.parametrize(
    ("letter", "replay_of"), [("d-2", "d-1"), (None, "d-1"), ("d-1", None), (None, None)]
)
def test_a_stale_or_second_copy_is_a_duplicate(letter, replay_of):
    found = verdict(died(letter=letter), Asked(b"same", replay_of), "me")
    assert found == Finished(State.FAILED, REPLY, DEAD, True)


def test_a_replay_while_the_revision_is_under_way_is_like_any_other_record():
    under_way = Known(b"same", State.SENDING, "other", 5.0, False, None, None, None, None)
    assert verdict(under_way, Asked(b"same", "d-1"), "me") == Busy("other", 5.0)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Asked(b"read", "d-1", b"raw"), Reopen()),
        (Asked(b"read", "d-2", b"raw"), Conflict()),
        (Asked(b"read", "d-1", b"other"), Conflict()),
        (Asked(b"read", None, b"raw"), Conflict()),
    ],
)
def test_a_replay_may_read_what_could_not_be_read_and_nothing_else(asked, expected):
    assert verdict(died(content=b"raw"), asked, "me") == expected
