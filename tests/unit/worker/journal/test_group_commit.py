"""What goes into a transaction together."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.postgres.journal import AT, PLACE, dead_letter, request, sending
from worker.journal.commands import Claim, MarkAnswered, Park, Send
from worker.journal.group_commit import ENOUGH, Entry, Waiting
from worker.pipeline.ports import Ticket


def waiting(*commands, max_count=500, max_weight=10**6):
    queue = Waiting(max_count=max_count, max_weight=max_weight)
    for command in commands:
        queue.put(Entry(command, None))
    return queue


def taken(queue):
    return [entry.command for entry in queue.take()]


def test_everything_that_waits_goes_together():
    commands = [Claim(request("a")), MarkAnswered("urn:x", "a", 1, PLACE), Park(dead_letter(), AT)]
    queue = waiting(*commands)
    assert taken(queue) == commands
    assert len(queue) == 0
    assert taken(queue) == []


def test_a_second_one_of_a_key_waits_for_the_next_group():
    a, again, b, more = (
        MarkAnswered("s", "a", 1, PLACE),
        MarkAnswered("s", "a", 1, PLACE),
        MarkAnswered("s", "b", 1, PLACE),
        MarkAnswered("s", "a", 1, PLACE),
    )
    queue = waiting(a, again, b, more)
    assert taken(queue) == [a, b]
    assert taken(queue) == [again]
    assert taken(queue) == [more]


def test_a_full_group_leaves_the_rest():
    commands = [MarkAnswered("s", str(number), 1, PLACE) for number in range(5)]
    queue = waiting(*commands, max_count=2)
    assert [taken(queue), taken(queue), taken(queue)] == [commands[:2], commands[2:4], commands[4:]]


def test_a_heavy_one_goes_alone_and_nothing_is_too_heavy():
    ticket = Ticket("s", "a", 1)
    heavy = Send(ticket, sending(request=b"x" * 100), in_doubt=True)
    light = MarkAnswered("s", "b", 1, PLACE)
    queue = waiting(heavy, light, max_weight=50)
    assert taken(queue) == [heavy]
    assert taken(queue) == [light]


def test_a_ticket_and_a_claim_of_one_submission_share_their_key():
    claim = Claim(request("a\x00"))
    assert (
        claim.key
        == MarkAnswered(claim.request.source, "a\x00", 1, PLACE).key
        == MarkAnswered(claim.request.source, "a␀", 1, PLACE).key
    )


def note(name):
    return MarkAnswered("s", name, 1, PLACE)


@pytest.mark.parametrize(
    ("came", "now", "pause"),
    [
        ([], 0.0, 0.0),
        ([("a", 0.0)], 0.0, 0.0),
        ([("a", 0.0), ("a", 0.001)], 0.001, 0.0),
        ([("a", 0.0), ("b", 0.001)], 0.001, 0.001),
        ([("a", 0.0), ("b", 0.001), ("b", 0.0015)], 0.0015, 0.0005),
        ([("a", 0.0), ("b", 0.001)], 0.002, 0.0),
        ([("a", 0.0), ("b", 0.005)], 0.005, 0.0),
        ([(str(number), 0.0) for number in range(ENOUGH - 1)], 0.0, 0.002),
        ([(str(number), 0.0) for number in range(ENOUGH)], 0.0, 0.0),
    ],
    ids=[
        "nothing",
        "alone",
        "alone-again",
        "another",
        "another-and-again",
        "over",
        "long-ago",
        "few",
        "enough",
    ],
)
def test_a_group_waits_while_others_came_shortly_before(came, now, pause):
    queue = Waiting(max_count=500, max_weight=10**6, max_wait=0.002)
    for name, at in came:
        queue.put(Entry(note(name), None, at))
    assert queue.pause(now) == pytest.approx(pause)


def test_what_was_written_a_moment_ago_is_company_too():
    queue = Waiting(max_count=500, max_weight=10**6, max_wait=0.002)
    queue.put(Entry(note("a"), None, 0.0))
    queue.take()
    queue.put(Entry(note("b"), None, 0.001))
    assert queue.pause(0.001) == pytest.approx(0.002)


def test_without_a_wait_no_group_waits():
    queue = waiting(note("a"), note("b"))
    assert queue.pause(0.0) == 0.0


@given(st.lists(st.integers(0, 4)), st.integers(1, 4))
def test_order_per_key_and_nothing_lost(keys, max_count):
    number = count()
    commands = [(key, next(number), MarkAnswered("s", str(key), 1, PLACE)) for key in keys]
    place = {id(command): (key, position) for key, position, command in commands}
    queue = waiting(*(command for _, _, command in commands), max_count=max_count)
    seen = []
    while group := [place[id(command)] for command in taken(queue)]:
        assert len(group) <= max_count
        assert len({key for key, _ in group}) == len(group)
        seen += group
    assert len(seen) == len(commands)
    for wanted in set(keys):
        positions = [position for key, position in seen if key == wanted]
        assert positions == sorted(positions)
