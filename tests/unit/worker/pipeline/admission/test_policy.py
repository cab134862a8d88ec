"""What opens and closes a circuit, by what was seen."""

from __future__ import annotations

import pytest

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import ABSENT, ACCEPTED, EXISTS, REJECTED
from tests.support.fakes.ports import unknown
from worker.outcome import Blocked, NotArrived, Outcome, Retry, Unknown
from worker.pipeline.admission.policy import BreakerState, CircuitPolicy, Health, health_of


class Time:
    """A monotonic clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _circuit(*, failures: int = 3, signers: int = 1, pause: float = 5, longest: float = 60) -> BreakerState:
    return BreakerState(CircuitPolicy(failures, signers, pause, longest), Time())


def _see(circuit: BreakerState, context: str, signer: str = "a") -> None:
    """Let it see one exchange for each letter: a capital is an answer, a small one a failure, of that key."""
    for letter in context:
        health = Health.UP if letter.isupper() else Health.DOWN
        circuit.record(health, letter.lower().encode(), signer, "no answer")


@pytest.mark.parametrize(
    ("context", "opens"),
    [
        ("", False),
        ("ab", False),
        ("abc", True),
        ("abCabC", False),
        ("abCde", False),
        ("abCdef", True),
        ("aaaaaaaa", False),  # one patient whom the system cannot serve
        ("abababab", False),
        ("aabbc", True),
    ],
)
def test_failures_of_different_keys_in_a_row_open_it(context: str, opens: bool) -> None:
    circuit = _circuit()
    _see(circuit, context)
    assert circuit.is_open is opens
    assert circuit.open_reason == ("no answer" if opens else None)


def test_the_systems_circuit_wants_failures_of_two_signers() -> None:
    circuit = _circuit(signers=2)
    _see(circuit, "abcdefgh", "dr-a")
    assert not circuit.is_open
    _see(circuit, "i", "dr-b")
    assert circuit.is_open


def test_what_says_nothing_neither_counts_nor_forgives() -> None:
    circuit = _circuit()
    _see(circuit, "ab")
    circuit.record(Health.UNKNOWN, b"x", "a", "")
    assert not circuit.is_open
    _see(circuit, "c")
    assert circuit.is_open


def test_pauses_double_up_to_the_longest_and_begin_anew_after_a_success() -> None:
    circuit = _circuit(pause=5, longest=30)
    pauses = []
    for _ in range(5):
        circuit.open("down")
        pauses.append(circuit.trial_at)
    assert pauses == [5, 10, 20, 30, 30]
    circuit.close()
    circuit.open("down")
    assert circuit.trial_at == 5


def test_old_news_changes_an_open_circuit_not() -> None:
    circuit = _circuit()
    _see(circuit, "abc")
    _see(circuit, "A")
    assert circuit.is_open


def test_on_probation_one_failure_opens_it_again_for_longer() -> None:
    circuit = _circuit()
    _see(circuit, "abc")
    circuit.close(on_probation=True)
    assert not circuit.is_open
    _see(circuit, "d")
    assert circuit.is_open
    assert circuit.trial_at == 10


def test_a_success_ends_probation() -> None:
    circuit = _circuit()
    _see(circuit, "abc")
    circuit.close(on_probation=True)
    _see(circuit, "De")
    assert not circuit.is_open


@pytest.mark.parametrize(
    ("outcome", "health"),
    [
        (ACCEPTED, Health.UP),
        (REJECTED, Health.UP),
        (EXISTS, Health.UP),
        (ABSENT, Health.UP),
        (Blocked(Reason.ACCESS_DENIED, "403"), Health.UP),
        (Blocked(Reason.NOT_FOUND, "404"), Health.UP),
        (Blocked(Reason.SIGNING_FAILED, "PIN"), Health.UNKNOWN),
        (Retry(Reason.SIGNING_FAILED, "token busy"), Health.UNKNOWN),
        (Retry(Reason.TOKEN_REFUSED, "401"), Health.UP),
        (Retry(Reason.TOO_MANY_REQUESTS, "429"), Health.UNKNOWN),
        (Retry(Reason.CONNECTION_REFUSED, "nobody"), Health.DOWN),
        (Retry(Reason.UNAVAILABLE, "503"), Health.DOWN),
        (Retry(Reason.TOKEN_UNAVAILABLE, "no token"), Health.DOWN),
        (unknown(Reason.ANSWER_TIMEOUT), Health.DOWN),
        (unknown(Reason.CONNECTION_LOST), Health.DOWN),
        (Unknown(Reason.SERVER_ERROR, "500"), Health.DOWN),
        (Unknown(Reason.UNREADABLE_ANSWER, "html"), Health.UNKNOWN),
        (Unknown(Reason.UNEXPECTED_MESSAGE, "of another"), Health.UNKNOWN),
    ],
)
def test_what_an_outcome_says_of_the_system(outcome: Outcome | NotArrived, health: Health) -> None:
    assert health_of(outcome) is health
