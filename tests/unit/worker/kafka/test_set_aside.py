"""What was set aside of a partition: order within a key, what is read again, and what is gone."""

from __future__ import annotations

from worker.kafka.set_aside import SetAsideOffsets, kept_key
from worker.pipeline.flood.causes import Hold, Party, Scope
from worker.pipeline.ports import Record

A, B = Party(Scope.SOURCE, "a"), Party(Scope.SIGNER, "b")
STOP_A, STOP_B = Hold(A, stopped=True), Hold(B, stopped=True)


def _aside(*entries: tuple[int, bytes, Hold]) -> SetAsideOffsets:
    made = SetAsideOffsets()
    for offset, key, hold in entries:
        made.add(offset, key, hold)
    return made


def test_what_follows_waits_because_of_the_first_of_its_key() -> None:
    aside = _aside((1, b"k", STOP_A), (2, b"k", STOP_B))
    assert aside.blocked(b"k") == Hold(A, stopped=False)
    assert aside.blocked(b"other") is None


def test_a_later_one_of_a_key_is_not_taken_before_the_first() -> None:
    aside = _aside((1, b"k", STOP_A), (2, b"k", STOP_B))
    aside.read_again(1, 3)
    aside.came(1)
    assert aside.again(1, lambda: STOP_A) is None
    aside.came(2)
    assert aside.again(2, lambda: None) is None
    assert aside.parties == {A: 2}
    aside.read_again(1, 3)
    assert aside.again(1, lambda: None) == STOP_A
    assert aside.again(2, lambda: None) == Hold(A, stopped=True)
    assert aside.parties == {}


def test_what_had_been_taken_already_stands_before_what_follows() -> None:
    aside = _aside((5, b"k", STOP_A), (3, b"k", STOP_B), (2, b"k", STOP_B))
    assert aside.blocked(b"k") == Hold(B, stopped=False)
    assert aside.again(3, lambda: None) is None
    assert aside.again(2, lambda: None) == STOP_B


def test_a_record_that_waited_in_a_stop_is_known_as_such_until_it_is_taken() -> None:
    aside = _aside((1, b"k", STOP_A))
    assert aside.again(1, lambda: Hold(B, stopped=False)) is None
    assert aside.parties == {B: 1}
    assert aside.again(1, lambda: None) == Hold(B, stopped=True)


def test_one_that_does_not_wait_was_taken_before() -> None:
    assert _aside().again(1, lambda: None) is None


def test_reading_goes_back_to_the_lowest_that_need_not_wait() -> None:
    aside = _aside((1, b"k", STOP_A), (2, b"l", STOP_B), (7, b"m", STOP_B))
    assert aside.lowest(lambda party: party == A) == 2
    assert aside.lowest(lambda _: True) is None


def test_what_does_not_come_again_is_gone() -> None:
    aside = _aside((1, b"k", STOP_A), (2, b"l", STOP_A), (5, b"m", STOP_A), (8, b"n", STOP_A))
    aside.read_again(2, 9)
    assert aside.at == 2
    assert aside.came(5) == [2]
    assert aside.at == 6
    assert aside.passed(9) == [8]
    assert aside.at is None
    assert len(aside) == 2
    assert aside.passed(20) == []


def test_only_a_digest_of_a_key_is_kept() -> None:
    record = Record("t", 0, 7, 0, b"x" * 100_000, b"", ())
    assert len(kept_key(record)) == 16  # type: ignore[arg-type]
    assert kept_key(Record("t", 0, 7, 0, None, b"", ())) == 7
