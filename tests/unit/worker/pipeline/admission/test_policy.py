"""What opens and closes a circuit, by what was seen."""

from __future__ import annotations

import pytest

from contracts.reasons import Reason
from tests.support.fakes.one_delivery import ABSENT, ACCEPTED, EXISTS, REJECTED
from tests.support.fakes.ports import unknown
from worker.outcome import Blocked, NotArrived, Outcome, Retry, Unknown
from worker.pipeline.admission.policy import BreakerState, CircuitPolicy, Health, health_of, health_of_unsent


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


def test_pauses_grow_up_to_the_longest_and_begin_anew_after_a_success() -> None:
    circuit = _circuit(pause=4, longest=12)
    pauses = []
    for _ in range(6):
        circuit.open("down")
        pauses.append(circuit.trial_at)
    assert pauses == [4, 4, 6, 9, 12, 12]  # the first trial that failed may have failed by chance
    circuit.close()
    circuit.open("down")
    assert circuit.trial_at == 4


def test_pauses_of_an_outage_of_days_do_not_overflow() -> None:
    circuit = _circuit(pause=4, longest=12)
    for _ in range(10_000):
        circuit.open("down")
    assert circuit.trial_at == 12


def test_by_default_a_trial_is_made_within_15_seconds_after_any_outage_of_10() -> None:
    time = Time()
    circuit = BreakerState(CircuitPolicy(), time)
    while time.now < 10:
        circuit.open("down")
        time.now = circuit.trial_at
    assert time.now < 14.5  # the trial itself takes time too


def test_a_success_while_it_is_open_ends_the_growth_and_a_trial_is_due() -> None:
    circuit = _circuit(pause=4)
    for _ in range(6):
        circuit.open("down")
    time = circuit._monotonic
    assert isinstance(time, Time)
    assert circuit.trial_at > 4
    _see(circuit, "A")
    assert circuit.is_open
    assert circuit.trial_at == 4  # the shortest pause
    time.now = 4
    circuit.open("down")
    assert circuit.trial_at == 8


def test_a_trial_is_hastened_and_never_delayed() -> None:
    circuit = _circuit(pause=4)
    circuit.open("down")
    circuit.put_off(1)
    circuit.hasten()
    assert circuit.trial_at == 1


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
    _see(circuit, "e")
    assert circuit.trial_at == 5
    for pause in (7.5, 11.25):
        circuit.close(on_probation=True)
        _see(circuit, "f")
        assert circuit.trial_at == pause


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
        (Blocked(Reason.CERTIFICATE_NOT_VALID, "expired"), Health.UNKNOWN),
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


@pytest.mark.parametrize(
    ("outcome", "health"),
    [
        (Retry(Reason.TOKEN_UNAVAILABLE, "no token"), Health.DOWN),
        (Retry(Reason.SIGNING_FAILED, "busy"), Health.UNKNOWN),
        (Blocked(Reason.SIGNING_FAILED, "PIN"), Health.UNKNOWN),
        (Blocked(Reason.ACCESS_DENIED, "no token"), Health.UNKNOWN),
        (Blocked(Reason.CONFIGURATION, "an expired pinned certificate"), Health.UNKNOWN),
    ],
)
def test_where_no_message_was_made_the_system_has_shown_nothing_good(
    outcome: Outcome, health: Health
) -> None:
    assert health_of_unsent(outcome) is health
