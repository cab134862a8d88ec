"""NHIS fails as a whole, or for one signer: nothing more is sent, nothing dies, and it resumes by itself."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.support.worker.hospital import register
from tests.support.worker.installation import eventually, serving
from tests.support.worker.ledger import registered_in_order
from tests.support.worker.probes import probe

CIRCUIT = {"circuit": {"failures": 5, "pause": 1, "longest_pause": 2}}
IMPATIENT = {"retry": {"initial": 0.2, "maximum": 0.5, "give_up_after": 1.5}}


async def test_in_an_outage_nothing_is_sent_nor_given_up(installation):
    patients = [installation.patient() for _ in range(60)]
    # On a slow machine, thirty new connections at once take longer than a submission is tried for.
    first, later = patients[:8], patients[8:]
    events = [register(f"r-{one.number}", one) for one in patients]
    installation.nhis.fault("status", times=None, status=503)
    async with (
        serving(installation.config({**CIRCUIT, **IMPATIENT})) as worker,
        installation.reading() as answers,
    ):
        await installation.publish(*(one for one in events if one.key in {p.key for p in first}))
        waiting = await eventually(
            lambda: probe(worker.health.address, "/readyz"),
            lambda one: one.warned("circuit-open") is not None,
        )
        assert waiting.status == 200  # able, and waiting
        before = len(installation.nhis.requests())
        await installation.publish(*(one for one in events if one.key in {p.key for p in later}))
        await asyncio.sleep(4)  # more than twice as long as anything may be tried
        tried = len(installation.nhis.requests()) - before
        assert answers.replies == []
        assert answers.dead_letters == []
        assert tried <= 8  # a trial for each pause, of sixty submissions that wait
        installation.nhis.calm()
        await answers.answered(one.id for one in events)
        await eventually(lambda: probe(worker.health.address, "/readyz"), lambda one: not one.kinds)
    assert set(answers.kinds().values()) == {"accepted"}
    await registered_in_order(installation, patients, events)


@pytest.mark.parametrize("root", [503, None], ids=["root answers 503", "root answers as usual"])
async def test_after_an_outage_all_goes_on_soon_whatever_the_root_answers(installation, root):
    """The settings are a tenth of the default ones: so is the outage, and so is what it may cost."""
    quick = {"circuit": {"failures": 5, "pause": 0.3, "longest_pause": 3, "probe_pause": 0.3}}
    slow_retries = {"retry": {"initial": 0.2, "maximum": 30}}
    installation.nhis.answer_root(root)
    patients = [installation.patient() for _ in range(30)]
    async with (
        serving(installation.config({**quick, **slow_retries})) as worker,
        installation.reading() as answers,
    ):
        if root is not None:
            told = await eventually(
                lambda: probe(worker.health.address, "/readyz"), lambda one: "probe-failing" in one.kinds
            )
            assert (told.status, told.warned("probe-failing")) == (200, "NHIS answers 503")
        installation.nhis.fault("status", times=None, status=503)
        await installation.publish(*(register(f"r-{one.number}", one) for one in patients))
        await eventually(
            lambda: probe(worker.health.address, "/readyz"), lambda one: "circuit-open" in one.kinds
        )
        await asyncio.sleep(1)
        installation.nhis.calm()
        ended = time.monotonic()
        await answers.answered(f"r-{one.number}" for one in patients)
        took = time.monotonic() - ended
        await eventually(lambda: probe(worker.health.address, "/readyz"), lambda one: not one.kinds)
    assert set(answers.kinds().values()) == {"accepted"}
    assert took < 5, "half of it is what thirty registrations take on a slow machine"


async def test_one_failed_token_request_is_one_failure_however_many_wait(installation, caplog):
    doctor = installation.patient().doctor
    patients = [one for one in (installation.patient() for _ in range(90)) if one.doctor == doctor]
    installation.nhis.fault("status", match={"messageType": "S001"}, times=3, status=503)
    async with serving(installation.config(CIRCUIT)), installation.reading() as answers:
        await installation.publish(*(register(f"r-{one.number}", one) for one in patients))
        await answers.answered(f"r-{one.number}" for one in patients)
    assert len(patients) > CIRCUIT["circuit"]["failures"]
    assert installation.nhis.fired() == [3]
    assert not [one for one in caplog.records if one.message.startswith("circuit opened")]


async def test_one_signers_trouble_opens_no_circuit_for_the_others(installation):
    sick = installation.patient().doctor
    patients = [installation.patient() for _ in range(90)]
    bad = [register(f"bad-{one.number}", one) for one in patients if one.doctor == sick]
    good = [register(f"good-{one.number}", one) for one in patients if one.doctor != sick]
    installation.nhis.fault("status", match={"signer": sick.uin}, times=None, status=503)
    async with (
        serving(installation.config({**CIRCUIT, **IMPATIENT})) as worker,
        installation.reading() as answers,
    ):
        await installation.publish(*bad)
        said = await eventually(
            lambda: probe(worker.health.address, "/readyz"),
            lambda one: one.warned("circuit-open", sick.signer) is not None,
        )
        assert said.status == 200
        assert said.warned("circuit-open") is None
        begun = time.monotonic()
        await installation.publish(*good)
        await answers.answered((one.id for one in good), seconds=10)
        took = time.monotonic() - begun
        assert {one.submission for one in answers.replies} == {one.id for one in good}
        assert answers.dead_letters == []
        installation.nhis.calm()
        await answers.answered(one.id for one in bad)
    assert set(answers.kinds().values()) == {"accepted"}
    assert took < 10


async def test_no_more_leave_than_the_limits_allow(installation):
    patients = [installation.patient() for _ in range(24)]
    limits = {"limits": {"requests_per_second": 8, "systems": {"nhis": {"in_flight": 3}}}}
    installation.nhis.fault("delay", times=None, seconds=0.1)
    async with serving(installation.config(limits)), installation.reading() as answers:
        await installation.publish(*(register(f"r-{one.number}", one) for one in patients))
        await answers.answered(f"r-{one.number}" for one in patients)
    details = await installation.details(f"r-{one.number}" for one in patients)
    spans = sorted((one.sent_at, one.received_at) for detail in details for one in detail.attempts)
    sent = [begun for begun, _ in spans]
    assert len(sent) == len(patients)
    # A burst of one second's requests, and then eight a second: 16 more take 2 s from the first turn, which had to
    # wait for a token before it was sent. Three at once alone would be through in 0.8 s.
    assert (sent[-1] - sent[0]).total_seconds() >= 1.5
    assert max(sum(begun <= at < ended for begun, ended in spans) for at in sent) <= 3
