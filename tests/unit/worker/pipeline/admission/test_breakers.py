"""Circuit breakers at work: what opens and closes them, and whom they keep back."""

from __future__ import annotations

import asyncio

import pytest

from contracts.reasons import Reason
from tests.support.fakes.breakers import DOWN, NO_TOKEN, PAUSE, TOO_MANY, Bench, keep_failing
from tests.support.fakes.one_delivery import ACCEPTED
from tests.support.fakes.ports import settle
from worker.observability.logs import submission_context
from worker.outcome import Blocked, Outcome
from worker.pipeline.admission.breakers import CircuitBreakers
from worker.pipeline.admission.policy import CircuitPolicy


async def test_all_pass_while_nothing_is_wrong(bench: Bench) -> None:
    for key in "abc":
        await bench.exchange(key, ACCEPTED)
    assert bench.breakers.open_reason is None
    assert bench.changes == []


async def test_failures_of_two_signers_open_the_systems_circuit_and_one_trial_closes_it(
    bench: Bench,
) -> None:
    await bench.open("a", "b")
    assert bench.breakers.open_reason == "503"
    first, second = bench.waits("x", "a"), bench.waits("y", "c")
    await bench.clock.advance(PAUSE - 0.1)
    assert not first.done()
    assert not second.done()
    await bench.trial()

    assert [first.done(), second.done()] == [True, False]  # one at a time
    (await first).record(ACCEPTED)
    await settle()

    assert second.done()
    assert bench.breakers.open_reason is None
    assert bench.changes == ["503", None]


async def test_the_lines_name_system_and_signer(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with submission_context(signer="of another line", submission_id="s-1"):
        await bench.open("a", "a")
        await bench.exchange("y", DOWN, "b")
    waiting = bench.waits("x", "d")
    await bench.trial()
    (await waiting).record(ACCEPTED)
    await settle()
    lines = [(one.message, one.system, getattr(one, "signer", None)) for one in caplog.records]
    assert lines[:2] == [
        ("circuit opened: requests are paused", "nhis", "a"),
        ("circuit opened: requests are paused", "nhis", None),
    ]
    assert ("circuit open: a trial is made for the system", "nhis", "d") in lines
    assert ("circuit closed", "nhis", None) in lines


async def test_submissions_that_waited_for_one_failed_request_are_one_failure(bench: Bench) -> None:
    for key in "pqrs":
        permit = await bench.breakers.acquire(bench.job(key))
        permit.record_unsent(NO_TOKEN, b"token request 1")
    assert bench.breakers.open_signers == {}
    (await bench.breakers.acquire(bench.job("t"))).record_unsent(NO_TOKEN, b"token request 2")
    assert bench.breakers.open_signers == {"a": "no token"}
    assert bench.breakers.open_reason is None


async def test_requests_in_vain_for_one_patient_of_each_signer_open_no_circuit(bench: Bench) -> None:
    breakers = CircuitBreakers("nhis", CircuitPolicy(failures=3), bench.clock, bench.system.probe)
    for number in range(20):
        for signer in "ab":
            permit = await breakers.acquire(bench.job(f"patient of {signer}", signer))
            permit.record_unsent(NO_TOKEN, f"token request {signer}{number}".encode())
    assert breakers.open_reason is None
    assert breakers.open_signers == {}


async def test_what_was_refused_without_asking_the_system_is_no_success_of_it(bench: Bench) -> None:
    await bench.probed()
    await bench.exchange("x", DOWN)
    (await bench.breakers.acquire(bench.job("y"))).record_unsent(Blocked(Reason.CONFIGURATION, "no"), None)
    await bench.exchange("z", DOWN)
    assert bench.breakers.open_signers == {"a": "503"}


async def test_one_signers_failures_keep_back_that_signer_alone(bench: Bench) -> None:
    await bench.open("a", "a")
    assert bench.breakers.open_reason is None
    assert bench.breakers.open_signers == {"a": "503"}
    waiting = bench.waits("x", "a")
    for key in "pqrs":
        await bench.exchange(key, ACCEPTED, "b")
    assert not waiting.done()
    await bench.trial()
    (await waiting).record(ACCEPTED)
    await settle()
    assert bench.breakers.open_signers == {}


async def test_a_signers_failures_are_the_systems_where_probes_fail_several_times(bench: Bench) -> None:
    await bench.probed()
    await bench.open("a", "a")
    for _ in range(2):
        assert bench.breakers.open_reason is None
        await bench.clock.advance(1.0)
    assert bench.breakers.open_reason == "nobody listens"
    assert bench.changes == ["nobody listens"]


async def test_a_probe_that_never_succeeded_stops_no_other_signer(bench: Bench) -> None:
    bench.system.down_reason = "503"
    bench.breakers.start()
    await bench.open("a", "a")
    for _ in range(200):
        await bench.clock.advance(1.0)
        assert bench.breakers.open_reason is None
    await bench.exchange("y", ACCEPTED, "b")


async def test_successes_of_others_overrule_probes(bench: Bench) -> None:
    await bench.probed()
    await bench.open("a", "a")
    broken = asyncio.create_task(keep_failing(bench, "x", "a"))
    for number in range(100):
        await bench.exchange(f"b{number}", ACCEPTED, "b")
        await bench.clock.advance(1.0)
    broken.cancel()
    assert bench.breakers.open_reason is None
    assert bench.breakers.probe_failing == "nobody listens"


async def test_a_success_closes_at_once_what_probes_have_opened(bench: Bench) -> None:
    early = await bench.breakers.acquire(bench.job("early", "b"))
    await bench.probed()
    await bench.open("a", "a")
    for _ in range(2):
        await bench.clock.advance(1.0)
    waiting = bench.waits("later", "b")
    await settle()
    assert (bench.breakers.open_reason, waiting.done()) == ("nobody listens", False)
    early.record(ACCEPTED)
    await settle()
    assert (bench.breakers.open_reason, waiting.done()) == (None, True)
    for _ in range(200):  # these probes say nothing any more
        await bench.clock.advance(1.0)
        assert bench.breakers.open_reason is None


@pytest.mark.parametrize(
    ("trial", "outcome", "system_open", "signer_open"),
    [
        ("none", DOWN, False, False),
        ("none", ACCEPTED, False, False),
        ("none", TOO_MANY, False, False),
        ("signer", DOWN, False, True),
        ("signer", ACCEPTED, False, False),
        ("signer", TOO_MANY, False, True),
        ("system", DOWN, True, True),
        ("system", ACCEPTED, False, False),
        ("system", TOO_MANY, True, False),
        ("both", DOWN, True, True),
        ("both", ACCEPTED, False, False),
        ("both", TOO_MANY, True, True),
    ],
)
async def test_what_one_exchange_does_to_either_circuit(
    bench: Bench, trial: str, outcome: Outcome, system_open: bool, signer_open: bool
) -> None:
    """The table of `worker.pipeline.admission.breakers`, for a signer "s"."""
    if trial in {"signer", "both"}:
        await bench.open("s", "s")
    if trial == "system":
        await bench.open("b", "c")
    if trial == "both":  # the signer's trial stands before the system's breaker when that wants one
        await bench.clock.advance(PAUSE / 2)
        await bench.exchange("z", DOWN, "b")
    waiting = bench.waits("x", "s")
    for _ in range(0 if trial == "none" else 2):
        await bench.trial(PAUSE / 2)
    (await waiting).record(outcome)
    await settle()
    assert (bench.breakers.open_reason is not None) is system_open
    assert ("s" in bench.breakers.open_signers) is signer_open


async def test_no_probe_is_made_while_all_is_well(bench: Bench) -> None:
    bench.breakers.start()
    for _ in range(100):
        await bench.clock.advance(1.0)
    assert bench.system.probes == 1


async def test_a_probe_that_fails_at_the_start_keeps_nothing_back_and_is_reported(bench: Bench) -> None:
    bench.system.down_reason = "503"
    bench.breakers.start()
    await settle()
    assert bench.breakers.probe_failing == "503"
    await bench.exchange("x", ACCEPTED)
    assert bench.breakers.probe_failing is None


@pytest.mark.parametrize("defect", [ZeroDivisionError, BaseExceptionGroup("", [GeneratorExit()]), SystemExit])
async def test_a_probe_with_a_defect_is_one_that_failed(
    defect: BaseException | type[BaseException], bench: Bench
) -> None:
    async def broken() -> str | None:
        raise defect

    breakers = CircuitBreakers("nhis", CircuitPolicy(), bench.clock, broken)
    breakers.start()
    await settle()
    assert breakers.probe_failing in {"ZeroDivisionError", "BaseExceptionGroup", "SystemExit"}
    await breakers.close()
