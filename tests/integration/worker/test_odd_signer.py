"""One signer's odd file is that signer's trouble: the worker starts, and the others' submissions are accepted."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.support.worker.hospital import register
from tests.support.worker.installation import serving, started
from tests.support.worker.probes import probe

CASES = Path(__file__).parents[2] / "unit/worker/signing/keys/cases"


@pytest.mark.parametrize(
    ("odd", "fault"),
    [
        ("key-usage-malformed.p12", "the certificate's KeyUsage is malformed"),
        ("key-rsa-pss.p12", "its key is restricted to RSA-PSS"),
        ("missing.p12", "cannot be read: No such file or directory"),
    ],
)
async def test_its_submissions_fail_with_the_fault_and_the_others_are_accepted(
    installation, tmp_path, caplog, odd, fault
):
    (tmp_path / "case-password").write_text("secret")
    sick = installation.patient()
    well = next(one for one in iter(installation.patient, None) if one.doctor != sick.doctor)
    name = sick.doctor.signer
    signer = {"file": str(CASES / odd), "password_file": str(tmp_path / "case-password")}
    with caplog.at_level(logging.ERROR):
        async with (
            serving(installation.config({"signers": {name: signer}})),
            installation.reading() as answers,
        ):
            await installation.publish(register("sick", sick), register("well", well))
            await answers.answered(["sick", "well"])
    assert answers.kinds() == {"sick": "failed", "well": "accepted"}
    (dead,) = answers.dead("signing-failed")
    assert dead.headers["herald-signer"] == name
    message = answers.only("sick").json["message"]
    assert fault in message
    assert str(CASES / odd) in message
    (told,) = [one for one in caplog.records if one.getMessage() == f"the signer {name} cannot sign"]
    assert told.signer == name
    assert fault in told.detail


async def test_none_that_can_sign_is_reported_by_readiness_and_the_worker_serves(installation, caplog):
    missing = {one["name"]: {"file": "/nowhere/missing.p12"} for one in installation.nhis.signers}
    with caplog.at_level(logging.ERROR):
        async with (
            started(installation.config({"signers": missing})) as worker,
            installation.reading() as answers,
        ):
            await installation.publish(register("any", installation.patient()))
            await answers.answered(["any"])
            readiness = await probe(worker.health.address, "/readyz")
    assert answers.kinds() == {"any": "failed"}
    # A rollout with these keys stops, and the workers of before go on.
    assert readiness.status == 503
    assert readiness.said["waiting_for"] == {
        "signers": "no signer of any system can sign: `herald check` says why"
    }
    (told,) = [one for one in caplog.records if one.getMessage() == "no signer of a system can sign"]
    assert told.system == "nhis"
