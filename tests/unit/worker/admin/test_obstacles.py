"""Which dead letters a replay or a discard leaves alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contracts.reasons import Reason
from worker.admin.obstacles import Obstacle, leaves_open, to_discard, to_replay
from worker.admin.views import Candidate
from worker.journal.claims import LetterState
from worker.pipeline.ports import State
from worker.systems.port import Operation, Recovery

HELD = {"submission": State.HELD, "in_doubt": True, "reason": Reason.OUTCOME_UNKNOWN}


def letter(**changes):
    values = {
        "id": "d-1",
        "reason": Reason.RETRIES_EXHAUSTED,
        "state": LetterState.OPEN,
        "replay_count": 0,
        "system": "nhis",
        "operation": "immunization.register",
        "signer": "dr-ivanova",
        "source": "/his",
        "submission_id": "s-1",
        "origin_topic": "nhis.submissions",
        "created_at": datetime(2026, 3, 1, tzinfo=UTC),
        "submission": State.FAILED,
        "in_doubt": False,
        "current_dead_letter_id": "d-1",
        "overtaken": False,
    }
    return Candidate(**(values | changes))


def operation(recovery, **changes):
    return Operation("nhis", "immunization.register", recovery, **changes)


TOPICS = ("nhis.submissions", "nhis.submissions.b")
NAMELESS = {
    "source": None,
    "submission_id": None,
    "submission": None,
    "in_doubt": None,
    "current_dead_letter_id": None,
}


@pytest.mark.parametrize(
    ("changes", "recovery", "expected"),
    [
        ({}, Recovery.HOLD, None),
        ({}, None, None),
        ({"replay_count": 2}, Recovery.HOLD, None),
        ({"replay_count": 3}, Recovery.HOLD, Obstacle.LIMIT),
        (HELD, Recovery.SAME_IDENTITY, None),
        (HELD, Recovery.LOOK_UP_FIRST, None),
        (HELD, Recovery.REPEAT, None),
        (HELD, Recovery.HOLD, Obstacle.HOLD),
        (HELD, None, Obstacle.HOLD),
        # Settled as not sent: the reason is the old one, the doubt is gone.
        ({"reason": Reason.OUTCOME_UNKNOWN}, Recovery.HOLD, None),
        ({"reason": Reason.CONFLICT}, Recovery.REPEAT, Obstacle.CONFLICT),
        ({"submission": State.ACCEPTED}, Recovery.REPEAT, Obstacle.SUPERSEDED),
        ({"submission": State.REJECTED}, Recovery.REPEAT, Obstacle.SUPERSEDED),
        ({"submission": State.CLAIMED, "current_dead_letter_id": None}, Recovery.REPEAT, Obstacle.SUPERSEDED),
        ({"current_dead_letter_id": "d-2"}, Recovery.REPEAT, Obstacle.SUPERSEDED),
        ({"overtaken": True}, Recovery.REPEAT, Obstacle.OVERTAKEN),
        ({"submission": State.ACCEPTED, "overtaken": True}, Recovery.REPEAT, Obstacle.SUPERSEDED),
        ({"submission": None, "current_dead_letter_id": None}, Recovery.REPEAT, Obstacle.FORGOTTEN),
        ({**NAMELESS, "reason": Reason.TOO_LARGE}, None, None),
        ({**NAMELESS, "reason": Reason.NOT_JSON}, None, Obstacle.UNUSABLE),
        ({**NAMELESS, "reason": Reason.UNREADABLE_RECORD}, None, Obstacle.UNUSABLE),
        ({"reason": Reason.MISSING_KEY}, None, Obstacle.UNUSABLE),
    ],
)
def test_what_a_replay_cannot_help(changes, recovery, expected):
    assert (
        to_replay(
            letter(**changes), recovery and operation(recovery), max_replays=3, submission_topics=TOPICS
        )
        is expected
    )


def test_a_replay_of_what_may_not_be_sent_twice_helps_where_it_is_looked_up():
    looked_up = operation(Recovery.HOLD, looks_up=True)
    assert to_replay(letter(**HELD), looked_up, max_replays=3, submission_topics=TOPICS) is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (LetterState.OPEN, None),
        (LetterState.REPLAYING, Obstacle.REPLAYING),
        (LetterState.REPLAYED, Obstacle.REPLAYED),
        (LetterState.DISCARDED, Obstacle.DISCARDED),
        (LetterState.SETTLED, Obstacle.SETTLED),
    ],
)
def test_what_something_was_done_about_is_left_alone(state, expected):
    assert to_discard(letter(state=state), outcome_unknown=False) is expected
    assert (
        to_replay(
            letter(state=state, **HELD),
            operation(Recovery.SAME_IDENTITY),
            max_replays=3,
            submission_topics=TOPICS,
        )
        is expected
    )


def test_a_conflict_may_be_discarded():
    assert to_discard(letter(reason=Reason.CONFLICT), outcome_unknown=False) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"submission": State.HELD}, Obstacle.UNKNOWN),
        # Another dead letter is what it is held by: this one may go.
        ({"submission": State.HELD, "current_dead_letter_id": "d-2"}, None),
        ({"submission": State.FAILED}, None),
        ({"submission": State.ACCEPTED}, None),
        (NAMELESS, None),
    ],
)
def test_what_is_held_is_discarded_only_where_that_is_said(changes, expected):
    assert to_discard(letter(**changes), outcome_unknown=False) is expected
    assert to_discard(letter(**changes), outcome_unknown=True) is None
    assert leaves_open(letter(**changes)) is (expected is not None)


@pytest.mark.parametrize(
    ("changes", "topics", "expected"),
    [
        ({}, ("nhis.submissions.b",), Obstacle.UNREAD_TOPIC),
        ({}, (), Obstacle.UNREAD_TOPIC),
        ({}, TOPICS, None),
        ({"origin_topic": "nhis.submissions.b"}, TOPICS, None),
        # The settings do not have its system: they do not say which topics its workers read.
        ({}, None, None),
        ({**NAMELESS, "reason": Reason.TOO_LARGE}, ("nhis.submissions.b",), Obstacle.UNREAD_TOPIC),
        # What no replay can help anyway is said first.
        ({"reason": Reason.CONFLICT}, (), Obstacle.CONFLICT),
        ({"state": LetterState.REPLAYED}, (), Obstacle.REPLAYED),
    ],
)
def test_nothing_is_replayed_to_a_topic_that_no_worker_reads(changes, topics, expected):
    found = to_replay(letter(**changes), operation(Recovery.REPEAT), max_replays=3, submission_topics=topics)
    assert found is expected
