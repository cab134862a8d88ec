"""The headers of dead letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.dead_letters import (
    DeadLetterFacts,
    Origin,
    dead_letter_headers,
    dead_letter_id,
    replay_count,
    replay_headers,
    replay_of,
)

ORIGIN = Origin("herald.nhis.submissions", 3, 42, 1741944600000)
FACTS = DeadLetterFacts(
    origin=ORIGIN,
    reason="retries-exhausted",
    system="nhis",
    operation="immunization.register",
    signer="dr-example",
    attempts=5,
    first_attempt=datetime(2025, 3, 14, 9, 30, tzinfo=UTC),
    last_attempt=datetime(2025, 3, 14, 9, 40, tzinfo=UTC),
    replay_count=1,
)
ORIGINAL = (("ce_id", b"42"), ("x", b"\xff"), ("ce_id", b"42"))


def test_headers():
    assert dead_letter_headers(ORIGINAL, FACTS) == (
        *ORIGINAL,
        ("herald-dead-letter-id", dead_letter_id(ORIGIN, 1).encode()),
        ("herald-reason", b"retries-exhausted"),
        ("herald-system", b"nhis"),
        ("herald-operation", b"immunization.register"),
        ("herald-signer", b"dr-example"),
        ("herald-original-topic", b"herald.nhis.submissions"),
        ("herald-original-partition", b"3"),
        ("herald-original-offset", b"42"),
        ("herald-original-timestamp", b"1741944600000"),
        ("herald-attempts", b"5"),
        ("herald-first-attempt", b"2025-03-14T09:30:00.000Z"),
        ("herald-last-attempt", b"2025-03-14T09:40:00.000Z"),
        ("herald-replay-count", b"1"),
    )


def test_what_is_not_known_is_not_written():
    facts = replace(FACTS, system=None, operation=None, signer=None, first_attempt=None, last_attempt=None)
    names = [name for name, _ in dead_letter_headers((), facts)]
    assert not {"herald-system", "herald-operation", "herald-signer", "herald-first-attempt"} & set(names)
    assert names[:3] == ["herald-dead-letter-id", "herald-reason", "herald-original-topic"]


def test_a_sender_cannot_speak_for_herald():
    forged = (("herald-reason", b"conflict"), ("Herald-Signer", b"other"), ("ce_id", b"1"))
    written = dead_letter_headers(forged, FACTS)
    assert [value for name, value in written if name.lower() == "herald-reason"] == [b"retries-exhausted"]
    assert [value for name, value in written if name.lower() == "herald-signer"] == [b"dr-example"]


def test_the_id_is_the_records():
    others = [
        replace(ORIGIN, topic="other"),
        replace(ORIGIN, partition=4),
        replace(ORIGIN, offset=43),
        replace(ORIGIN, timestamp_ms=0),
    ]
    assert len({dead_letter_id(origin, 1) for origin in (ORIGIN, *others)}) == 5
    assert dead_letter_id(ORIGIN, 1) == dead_letter_id(replace(ORIGIN), 1)


@pytest.mark.parametrize(
    ("headers", "count"),
    [
        ((), 0),
        ((("herald-replay-count", b"2"),), 2),
        ((("herald-replay-count", b"-1"),), 0),
        ((("herald-replay-count", b""),), 0),
        ((("herald-replay-count", b"9" * 5000),), 0),
        ((("x", b"2"),), 0),
    ],
)
def test_replay_count(headers, count):
    assert replay_count(headers) == count


def test_replay_count_is_read_as_it_was_written():
    assert replay_count(dead_letter_headers((), FACTS)) == 1


LETTER = dead_letter_id(ORIGIN, 1)


def test_each_death_of_a_record_has_an_id_of_its_own():
    assert dead_letter_id(ORIGIN, 1) != dead_letter_id(ORIGIN, 2)
    assert ("herald-dead-letter-id", dead_letter_id(ORIGIN, 2).encode()) in dead_letter_headers(
        (), replace(FACTS, revision=2)
    )


def test_a_replay_is_the_record_as_it_came_with_a_pointer_and_a_count():
    died = dead_letter_headers(ORIGINAL, FACTS)
    replay = replay_headers(died, LETTER, 2)

    assert replay == (
        *ORIGINAL,
        ("herald-replay-of", LETTER.encode()),
        ("herald-replay-count", b"2"),
    )
    assert (replay_of(replay), replay_count(replay)) == (LETTER, 2)


def test_what_dies_again_says_what_it_was_a_replay_of():
    again = dead_letter_headers(replay_headers((), LETTER, 2), replace(FACTS, replay_of=LETTER))
    assert again[-1] == ("herald-replay-of", LETTER.encode())
    assert "herald-replay-of" not in dict(dead_letter_headers((), FACTS))


@pytest.mark.parametrize(
    "value", [None, b"", b"\xff" * 36, b"x" * 36, LETTER.encode() + b"0", LETTER.upper().encode()]
)
def test_what_cannot_be_an_id_points_to_nothing(value):
    assert replay_of((("herald-replay-of", value),)) is None
