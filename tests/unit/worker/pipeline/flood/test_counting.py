"""When too many of a party's submissions are dead letters, and for whom they count."""

from __future__ import annotations

import tracemalloc

import pytest

from contracts.reasons import Reason
from worker.pipeline.flood.causes import THE_SYSTEM, Party, Scope, Sender
from worker.pipeline.flood.counting import FloodCounter, FloodCounters, FloodPolicy

POLICY = FloodPolicy(share=0.5, at_least=3, window=10.0)
A, B = Sender("/his/a", "dr-1"), Sender("/his/b", "dr-2")
SOURCE_A, SIGNER_1 = A.parties


@pytest.mark.parametrize(
    ("ends", "flooded"),
    [
        ("", False),
        ("dd", False),  # too few
        ("ddd", True),
        ("dddooo", False),  # half, and not more
        ("dddoo", True),
        ("oooooddd", False),
        ("oooooddddddd", True),
    ],
)
def test_a_share_of_dead_letters_is_too_much(ends: str, flooded: bool) -> None:
    counter = FloodCounter(POLICY, lambda: 0.0)
    for end in ends:
        counter.dead(Reason.NOT_JSON, "/a") if end == "d" else counter.well("/a")
    assert (counter.flood is not None) is flooded


def test_what_is_older_than_the_window_does_not_count() -> None:
    now = [0.0]
    counter = FloodCounter(POLICY, lambda: now[0])
    for at in (0.0, 1.0, 11.0):
        now[0] = at
        counter.dead(Reason.NOT_JSON, "/a")
    assert counter.flood is None
    now[0] = 11.5
    counter.dead(Reason.NOT_JSON, "/a")
    assert counter.flood is None  # 1.0 is out as well
    counter.dead(Reason.CONFLICT, "/a")
    assert counter.flood is not None
    assert counter.flood.why == "3 of the last 3 submissions became dead letters within 10 s"
    assert counter.flood.reasons == {"not-json": 2, "conflict": 1}


def _floods(counters: FloodCounters, *ends: tuple[Reason | None, Sender]) -> set[Party]:
    return {party for reason, sender in ends for party in counters.record(reason, sender)}


def _counters() -> FloodCounters:
    return FloodCounters(POLICY, lambda: 0.0)


def test_one_source_floods_alone() -> None:
    counters = _counters()
    bad = [(Reason.CONTRACT_VIOLATION, A)] * 60
    assert _floods(counters, *[(None, B)] * 5, *bad) == {SOURCE_A}


@pytest.mark.parametrize("reason", [Reason.SIGNING_FAILED, Reason.ACCESS_DENIED, Reason.UNKNOWN_SIGNER])
def test_one_signer_floods_alone(reason: Reason) -> None:
    assert _floods(_counters(), (None, B), *[(reason, A)] * 60) == {SIGNER_1}


def test_two_signers_do_not_stop_the_system_even_where_nothing_else_ends() -> None:
    ends = [(Reason.ACCESS_DENIED, sender) for sender in (A, B)] * 30
    assert THE_SYSTEM not in _floods(_counters(), *ends)


def _of(number: int) -> Sender:
    return Sender("/his/a", f"dr-{number}")


def _hospitals(number: int, *, doctors: int = 1, shared: bool = False) -> list[Sender]:
    """Return the senders of so many sources, each with so many signers of its own or with the same ones."""
    return [
        Sender(f"/his/{hospital}", f"dr-{doctor if shared else (hospital, doctor)}")
        for hospital in range(number)
        for doctor in range(doctors)
    ]


OF_ALL_SIGNERS = [Reason.ACCESS_DENIED, Reason.SIGNING_FAILED, Reason.TOKEN_REFUSED]
OF_ALL_SOURCES = [Reason.SCHEMA_VIOLATION, Reason.DEFECT]


@pytest.mark.parametrize("reason", OF_ALL_SIGNERS)
@pytest.mark.parametrize(
    ("senders", "stopped"),
    [
        (_hospitals(1, doctors=1), set()),
        (_hospitals(1, doctors=2), set()),
        (_hospitals(1, doctors=3), {Scope.SOURCE}),
        (_hospitals(1, doctors=60), {Scope.SOURCE}),
        (_hospitals(2, doctors=2), set()),
        (_hospitals(2, doctors=3), {Scope.SOURCE}),
        (_hospitals(2, doctors=60), {Scope.SOURCE}),
        (_hospitals(3, doctors=1), {Scope.SYSTEM}),
        (_hospitals(3, doctors=3), {Scope.SOURCE, Scope.SYSTEM}),
        (_hospitals(60, doctors=1), {Scope.SYSTEM}),
        # One certificate that all use: its signer is stopped, and nobody else.
        (_hospitals(60, doctors=1, shared=True), set()),
        (_hospitals(60, doctors=2, shared=True), set()),
    ],
)
def test_signers_that_are_all_refused_stop_who_is_above_them_all(
    reason: Reason, senders: list[Sender], stopped: set[Scope]
) -> None:
    floods = _floods(_counters(), *[(reason, sender) for sender in senders * 3])
    assert {party.scope for party in floods} - {Scope.SIGNER} == stopped


def test_sixty_refusals_of_three_doctors_of_one_hospital_stop_that_hospital_alone() -> None:
    counters = FloodCounters(FloodPolicy(), lambda: 1000.0)
    ends = [(Reason.ACCESS_DENIED, Sender("/hospitals/a", f"doc{n % 3}")) for n in range(60)]
    assert _floods(counters, *ends) == {Party(Scope.SOURCE, "/hospitals/a")}


@pytest.mark.parametrize(
    "senders", [_hospitals(1, doctors=60), _hospitals(60, doctors=1), _hospitals(3, doctors=3)]
)
def test_certificates_that_end_on_one_day_stop_their_own_signers_and_nobody_above(
    senders: list[Sender],
) -> None:
    ends = [(Reason.CERTIFICATE_NOT_VALID, sender) for sender in senders * 60]
    assert {party.scope for party in _floods(_counters(), *ends)} == {Scope.SIGNER}


@pytest.mark.parametrize("reason", OF_ALL_SIGNERS)
def test_a_source_of_which_anything_ends_well_is_not_stopped_for_its_signers(reason: Reason) -> None:
    ends = [(reason, _of(n)) for n in range(60)]
    assert _floods(_counters(), (None, Sender("/his/a", "dr-well")), *ends) == set()


@pytest.mark.parametrize("reason", OF_ALL_SOURCES)
@pytest.mark.parametrize(("number", "stopped"), [(1, False), (2, False), (3, True), (60, True)])
def test_three_sources_that_all_fail_stop_the_system(reason: Reason, number: int, *, stopped: bool) -> None:
    ends = [(reason, sender) for sender in _hospitals(number)] * 3
    assert (THE_SYSTEM in _floods(_counters(), *ends)) is stopped


def test_sources_that_failed_before_the_window_do_not_count() -> None:
    now = [0.0]
    counters = FloodCounters(POLICY, lambda: now[0])
    one, *others = _hospitals(3, doctors=3)[::3]
    for sender in others:
        counters.record(Reason.ACCESS_DENIED, sender)
    now[0] = 11.0
    signers = [Sender(one.source, f"dr-{n}") for n in range(9)]
    assert _floods(counters, *[(Reason.ACCESS_DENIED, sender) for sender in signers]) == {one.parties[0]}


def test_it_refuses_not_everybody_as_long_as_anything_ends_well() -> None:
    ends = [(Reason.ACCESS_DENIED, sender) for sender in _hospitals(60)]
    assert _floods(_counters(), (None, B), *ends) == set()


def test_a_source_that_invents_signers_floods() -> None:
    ends = [(Reason.UNKNOWN_SIGNER, _of(n)) for n in range(3)]
    assert _floods(_counters(), *ends) == {SOURCE_A}


def test_a_share_of_one_never_stops_anybody() -> None:
    counters = FloodCounters(FloodPolicy(share=1, at_least=1), lambda: 0.0)
    assert _floods(counters, *[(Reason.ACCESS_DENIED, _of(n)) for n in range(9)]) == set()


def test_ten_thousand_invented_sources_are_not_all_remembered() -> None:
    counters = FloodCounters(POLICY, lambda: 0.0, most=100)
    for number in range(10_000):
        counters.record(Reason.NOT_JSON, Sender(f"/invented/{number}", f"dr-{number}"))
    assert {scope: len(found) for scope, found in counters._counters.items()} == {
        Scope.SYSTEM: 0,
        Scope.SOURCE: 100,
        Scope.SIGNER: 0,
    }


def test_what_was_counted_is_forgotten_with_the_end_of_a_stop() -> None:
    counters = _counters()
    _floods(counters, *[(Reason.NOT_JSON, A)] * 3)
    counters.forget(SOURCE_A)
    assert _floods(counters, *[(Reason.NOT_JSON, A)] * 2) == set()
    counters.forget(THE_SYSTEM)
    assert _floods(counters, *[(Reason.NOT_JSON, A)] * 2) == set()


def test_ten_thousand_invented_senders_take_a_bounded_memory() -> None:
    counters = FloodCounters(FloodPolicy(), lambda: 0.0)
    tracemalloc.start()
    try:
        for number in range(10_000):
            sender = Sender(f"{'s' * 250}{number}", f"{'g' * 250}{number}")
            counters.record(Reason.CONTRACT_VIOLATION, sender)
            counters.record(Reason.UNKNOWN_SIGNER, sender)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken < 8_000_000  # bytes


SYSTEM_SIDE = (
    Reason.CONFIGURATION,
    Reason.NOT_FOUND,
    Reason.UNREADABLE_ANSWER,
    Reason.UNEXPECTED_MESSAGE,
    Reason.OUTCOME_UNKNOWN,
    Reason.RETRIES_EXHAUSTED,
)


@pytest.mark.parametrize("reason", SYSTEM_SIDE)
def test_one_source_stops_itself_and_not_the_system_while_others_are_served(reason: Reason) -> None:
    ends = [(None, B)] * 4 + [(reason, A)] * 6
    assert _floods(_counters(), *ends) == {SOURCE_A}


@pytest.mark.parametrize("reason", SYSTEM_SIDE)
def test_the_system_is_stopped_where_several_sources_fail_or_only_one_is_there(reason: Reason) -> None:
    other = Sender("/his/c", "dr-3")
    assert _floods(_counters(), *[(None, B)] * 2, *[(reason, A), (reason, other)] * 2) == {THE_SYSTEM}
    assert _floods(_counters(), (None, A), *[(reason, A)] * 3) == {THE_SYSTEM}
