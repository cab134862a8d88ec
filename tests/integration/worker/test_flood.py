"""A flood of dead letters stops who causes it, for all workers and over restarts, until a person or a probe resumes it.

The others are answered meanwhile, and what waited is answered afterwards: each patient's in order, each once.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.signing.certificates import NOW, YEAR, issue
from tests.support.worker.hospital import Event, Patient, register
from tests.support.worker.installation import (
    Installation,
    eventually,
    herald,
    serving,
    worker_process,
)
from tests.support.worker.ledger import registered_in_order
from tests.support.worker.probes import probe
from worker.admin.intake import StopRow, list_stops
from worker.settings.load import load

MANY = 60
OTHER = "/hospitals/other/his"


def _guarded(**more: object) -> dict[str, object]:
    return {"flood_guard": {"share": 0.5, "at_least": 10, "window": 60, **more}}


def _of(source: str, event: Event) -> Event:
    document = json.loads(event.value or b"null") | {"source": source}
    return replace(event, value=json.dumps(document).encode())


def _violation(id: str, patient: Patient) -> Event:  # noqa: A002
    return register(id, patient, doseNumber="one")


def _unknown_signer(id: str, patient: Patient) -> Event:  # noqa: A002
    event = register(id, patient)
    return replace(event, value=(event.value or b"").replace(b'"signer": "dr-', b'"signer": "unknown-dr-'))


async def _warned(address: tuple[str, int], kind: str = "intake-stopped") -> dict[str, str]:
    """Wait for a warning of a sender, and return it."""
    said = await eventually(lambda: probe(address, "/readyz"), lambda one: kind in one.kinds)
    assert said.status == 200  # a rollout that brings the fix must not stall
    (found,) = (one for one in said.said["warnings"] if one["kind"] == kind)
    return found


async def _stop(config: Path) -> StopRow:
    """Wait until the journal has a stop, and return it."""
    journal = load(config, {}).journal
    (found,) = await eventually(lambda: list_stops(journal), bool)
    return found


async def test_one_source_stops_alone_and_what_waited_is_answered_after_the_resume(installation):
    config = installation.config(_guarded(at_least=20))
    patients = [installation.patient() for _ in range(4)]
    bad = [_violation(f"bad-{n}", installation.patient()) for n in range(MANY)]
    waiting = [register(f"waits-{n}-{p.number}", p) for n in range(3) for p in patients]
    others = [_of(OTHER, register(f"other-{n}", installation.patient())) for n in range(20)]
    async with serving(config) as worker, installation.reading() as answers:
        await installation.publish(*bad)
        warning = await _warned(worker.health.address)
        assert (warning["source"], warning.get("signer")) == ("/hospitals/test/his", None)
        assert warning["reason"].startswith("source /hospitals/test/his: ")
        assert "herald intake status" in warning["reason"]
        await installation.publish(*waiting, *others)
        await answers.answered(one.id for one in others)
        stop = await _stop(config)
        assert (stop.source, stop.signer) == ("/hospitals/test/his", None)
        assert stop.reasons == {"contract-violation": 20}
        assert "became dead letters within 60 s" in stop.why
        await answers.settle(1)
        assert len(answers.dead_letters) == 20
        assert not [one for one in answers.replies if one.submission.startswith("waits")]
        shown = await asyncio.to_thread(herald, "intake", "status", "--config", config)
        assert "source /hospitals/test/his" in shown.stdout
        assert "contract-violation: 20" in shown.stdout
        resumed = await asyncio.to_thread(
            herald, "intake", "resume", "--source", "/hospitals/test/his", "--config", config
        )
        assert "Intake of nhis, source /hospitals/test/his, resumes; it was stopped because" in resumed.stderr
        # The violations that waited become dead letters, and do not stop their source anew.
        await answers.answered(one.id for one in (*bad, *waiting))
        await installation.all_committed()
        assert not (await probe(worker.health.address, "/readyz")).kinds
    assert {answers.only(one.id).kind for one in waiting} == {"accepted"}
    assert {answers.only(one.id).kind for one in bad} == {"failed"}
    assert len(answers.dead("contract-violation")) == MANY
    details = await installation.details(one.id for one in waiting)
    assert {one.submission.attempts for one in details} == {1}
    await registered_in_order(installation, patients, [*waiting, *others])


def _expired(installation: Installation, signer: str) -> dict[str, object]:
    """Return the settings of a signer whose certificate has expired."""
    file, password = installation.directory / "expired.p12", installation.directory / "expired-password"
    file.write_bytes(issue("expired", start=NOW - 2 * YEAR, end=NOW - YEAR).pkcs12("secret"))
    password.write_text("secret")
    return {"signers": {signer: {"file": str(file), "password_file": str(password)}}}


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [("refused", "access-denied"), ("unknown", "unknown-signer"), ("expired", "certificate-not-valid")],
)
async def test_one_signer_stops_alone(installation, trouble, reason):
    sick, well = _two_doctors(installation)
    name, settings, make = sick[0].doctor.signer, _guarded(), register
    if trouble == "refused":
        match = {"signer": sick[0].doctor.uin}
        installation.nhis.fault("status", match=match, status=403, times=None)
    elif trouble == "expired":
        settings |= _expired(installation, name)
    else:
        name, make = f"unknown-{name}", _unknown_signer
    config = installation.config(settings)
    events = [make(f"bad-{n}", patient) for n, patient in enumerate(sick)]
    async with serving(config) as worker, installation.reading() as answers:
        await installation.publish(*events[:20])
        warning = await _warned(worker.health.address)
        await installation.publish(*events[20:], *(register(f"well-{one.number}", one) for one in well))
        await answers.answered(f"well-{one.number}" for one in well)
        assert len(answers.dead_letters) <= 20
        assert (warning.get("source"), warning["signer"]) == (None, name)
        stop = await _stop(config)
        assert (stop.source, stop.signer) == (None, name)
        assert stop.reasons.keys() == {reason}


def _two_doctors(installation: Installation) -> tuple[list[Patient], list[Patient]]:
    """Return many patients of one doctor, and some of all others."""
    first = installation.patient()
    sick, well = [first], []
    while len(sick) < MANY:
        one = installation.patient()
        (sick if one.doctor == first.doctor else well).append(one)
    return sick, well[:10]


async def test_a_window_full_of_one_signers_waiting_submissions_leaves_room_for_the_others(installation):
    settings = {
        "intake": {"window_records": 40, "batch_records": 20},
        "retry": {"initial": 2, "maximum": 60, "give_up_after": 86_400},
        "circuit": {"failures": 3, "pause": 2, "longest_pause": 3},
    }
    sick, well = _two_doctors(installation)
    installation.nhis.fault("status", match={"signer": sick[0].doctor.uin}, status=503, times=None)
    waiting = [register(f"sick-{n}-{one.number}", one) for n in range(2) for one in sick[:30]]
    async with serving(installation.config(settings)), installation.reading() as answers:
        await installation.publish(*waiting)
        await installation.publish(*(register(f"well-{one.number}", one) for one in well))
        await answers.answered((f"well-{one.number}" for one in well), seconds=20)
        assert not [one for one in answers.replies if one.submission.startswith("sick")]
        installation.nhis.calm()
        await answers.answered(one.id for one in waiting)
        await installation.all_committed()
    assert set(answers.kinds().values()) == {"accepted"}
    await registered_in_order(
        installation, sick, [*waiting, *(register(f"well-{one.number}", one) for one in well)]
    )


async def test_a_worker_that_is_killed_while_records_are_set_aside_loses_none(installation):
    config = installation.config(_guarded())
    patients = [installation.patient() for _ in range(3)]
    bad = [_violation(f"bad-{n}", installation.patient()) for n in range(20)]
    waiting = [register(f"waits-{n}-{p.number}", p) for n in range(3) for p in patients]
    others = [_of(OTHER, register(f"other-{n}", installation.patient())) for n in range(24)]
    async with installation.reading() as answers:
        with worker_process(config) as worker:
            await worker.ready()
            await installation.publish(*bad)
            await _warned(worker.address)
            await installation.publish(*waiting, *others[:12])
            await answers.answered(one.id for one in others[:12])
            await _stop(config)
            worker.kill9()
        async with serving(config):
            await installation.publish(*others[12:])
            await answers.answered(one.id for one in others[12:])  # so all before them was set aside
            await asyncio.to_thread(herald, "intake", "resume", "--config", config)
            await answers.answered(one.id for one in (*bad, *waiting))
            await installation.all_committed()
    assert {answers.only(one.id).kind for one in waiting} == {"accepted"}
    await registered_in_order(installation, patients, [*waiting, *others])


async def test_a_source_that_floods_makes_few_dead_letters_a_minute(installation):
    config = installation.config({"flood_guard": {"share": 1, "dead_letters_per_minute": 5}})
    bad = [_violation(f"bad-{n}", installation.patient()) for n in range(MANY)]
    others = [_of(OTHER, register(f"other-{n}", installation.patient())) for n in range(10)]
    async with serving(config) as worker, installation.reading() as answers:
        await installation.publish(*bad, *others)
        await answers.answered(one.id for one in others)
        await answers.settle(1)
        assert len(answers.dead_letters) == 5
        told = await _warned(worker.health.address, "dead-letters-limited")
        assert told["source"] == "/hospitals/test/his"
        assert (
            told["reason"]
            == "source /hospitals/test/his: the limit of dead letters for this minute is reached"
        )


async def test_after_its_time_one_submission_is_tried_and_the_source_resumes_by_itself(installation):
    config = installation.config(_guarded(probe_after=1))
    bad = [_unknown_type(f"bad-{n}", installation.patient()) for n in range(10)]
    good = [register(f"good-{n}", installation.patient()) for n in range(20)]
    async with serving(config) as worker, installation.reading() as answers:
        await installation.publish(*bad)
        await _warned(worker.health.address)
        await installation.publish(*good)
        await answers.answered(one.id for one in good)
        await installation.all_committed()
        assert not (await probe(worker.health.address, "/readyz")).kinds


def _unknown_type(id: str, patient: Patient) -> Event:  # noqa: A002
    event = register(id, patient)
    return replace(event, value=(event.value or b"").replace(b"immunization.register", b"no.such-thing"))


async def test_records_without_a_readable_source_stop_nobody(installation):
    config = installation.config(_guarded())
    good = [register(f"good-{n}", installation.patient()) for n in range(5)]
    async with serving(config) as worker, installation.reading() as answers:
        await installation.publish(*(Event("", b"key-%d" % n, b"not JSON") for n in range(30)))
        told = await _warned(worker.health.address)
        assert told["source"] == ""
        assert told["reason"].startswith("records without a readable source: ")
        await installation.publish(*good)
        await answers.answered(one.id for one in good)
        died = len(answers.dead_letters)
        assert (await _stop(config)).source == ""
        resumed = await asyncio.to_thread(
            herald, "intake", "resume", "--source", "", "--json", "--config", config
        )
        assert [one["source"] for one in json.loads(resumed.stdout)] == [""]
        await answers.until(lambda it: len(it.dead_letters) == 30)
        await installation.all_committed()
    assert died <= 30
