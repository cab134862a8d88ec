"""Ids of messages: UUIDs of version 4, in the one way in which they are written."""

from __future__ import annotations

from uuid import RFC_4122, UUID

from worker.message_ids import new_message_id

MANY = [new_message_id() for _ in range(500)]


def test_each_is_a_random_uuid_as_it_is_written():
    for text in MANY:
        found = UUID(text)
        assert (str(found), found.version, found.variant) == (text, 4, RFC_4122)


def test_no_two_are_equal():
    assert len(set(MANY)) == len(MANY)


def test_every_digit_but_those_that_are_given_takes_every_value():
    given = {8, 13, 18, 23, 14, 19}
    for place in set(range(36)) - given:
        assert {text[place] for text in MANY} == set("0123456789abcdef")
    assert {text[19] for text in MANY} == set("89ab")
