"""What a claim finds: the table of docs/journal.md."""

from __future__ import annotations

import pytest
from tests.support.journal import dead_letter, event

from herald.worker.journal.claims import Asked, Known, verdict
from herald.worker.pipeline.ports import FINAL_STATES, Busy, Conflict, Finished, State

OPEN_STATES = [State.CLAIMED, State.SENDING]
REPLY, DEAD = event(), dead_letter().event


def known(state, owner="other", lease_left=None, content=b"same"):
    return Known(content, state, owner, lease_left, True, REPLY if state in FINAL_STATES else None, DEAD)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("owner", ["me", "other", None])
def test_other_content_is_a_conflict_whatever_the_state(state, owner):
    assert verdict(known(state, owner, 5.0, b"else"), Asked(b"same"), "me") == Conflict()


@pytest.mark.parametrize("state", sorted(FINAL_STATES))
@pytest.mark.parametrize("owner", ["me", "other", None])
@pytest.mark.parametrize("lease_left", [None, 5.0])
def test_the_end_is_the_end_whoever_asks(state, owner, lease_left):
    assert verdict(known(state, owner, lease_left), Asked(b"same"), "me") == Finished(
        state, REPLY, DEAD, True
    )


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
