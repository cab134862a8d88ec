"""Dead letters a minute: bounded for each party, in any minute, with a bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from worker.pipeline.flood.allowance import MINUTE, Allowance
from worker.pipeline.flood.causes import OTHERS, Party, Scope

A, B = Party(Scope.SOURCE, "a"), Party(Scope.SOURCE, "b")


def test_a_party_that_used_up_its_minute_waits_and_no_other() -> None:
    now = [0.0]
    allowance = Allowance(4, lambda: now[0])
    assert [allowance.take(A) for _ in range(6)] == [True, True, True, True, False, False]
    assert allowance.used_up(A)
    assert allowance.waiting == (A,)
    assert allowance.take(B)
    now[0] = 62.0
    assert not allowance.used_up(A)
    assert allowance.waiting == ()
    assert allowance.take(A)


def test_it_waits_until_a_quarter_is_free() -> None:
    now = [0.0]
    allowance = Allowance(8, lambda: now[0])
    for second in range(8):
        now[0] = float(second)
        allowance.take(A)
    now[0] = 61.5
    assert allowance.used_up(A)  # one is free
    now[0] = 62.5
    assert not allowance.used_up(A)


@given(st.lists(st.floats(0, 5), max_size=200), st.integers(1, 5))
def test_no_minute_has_more(steps: list[float], most: int) -> None:
    now = [0.0]
    allowance, taken = Allowance(most, lambda: now[0]), []
    for step in steps:
        now[0] += step
        if allowance.take(A):
            taken.append(now[0])
    assert all(sum(at <= one < at + MINUTE for one in taken) <= most for at in taken)


def test_too_many_parties_share_one_allowance() -> None:
    now = [0.0]
    allowance = Allowance(2, lambda: now[0], most=10)
    allowed = [allowance.take(Party(Scope.SOURCE, str(number))) for number in range(1000)]
    assert allowed == [True] * 12 + [False] * 988
    assert Party(Scope.SOURCE, OTHERS) in allowance.waiting
    now[0] = 62.0
    assert allowance.take(Party(Scope.SOURCE, "late"))
    assert len(allowance._taken) <= 10


def test_a_party_without_dead_letters_does_not_wait_for_those_that_share_one_count() -> None:
    allowance = Allowance(4, lambda: 0.0, most=3)
    invented = [Party(Scope.SOURCE, f"invented-{number}") for number in range(30)]
    taken = [allowance.take(one) for one in invented]
    assert taken.count(True) == 3 + 4
    assert not allowance.used_up(A)
    assert allowance.used_up(invented[-1])  # it is not read again and again


def test_those_that_share_one_count_go_on_when_there_are_some_again() -> None:
    now = [0.0]
    allowance = Allowance(4, lambda: now[0], most=3)
    invented = [Party(Scope.SOURCE, f"invented-{number}") for number in range(30)]
    for one in invented:
        allowance.take(one)
    now[0] = 62.0
    assert not any(allowance.used_up(one) for one in invented)
