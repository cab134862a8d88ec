"""A whole worker whose doctors' keys are in tokens: what happens to a token costs no submission, and repeats none."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import psutil
import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from tests.support.signing.certificates import Issued
from tests.support.softhsm.tokens import PIN, StoredKey
from tests.support.worker.hospital import register
from tests.support.worker.installation import serving

COUNT = 16


@pytest.fixture
def signers(installation, softhsm, tmp_path):
    """The settings of the sandbox's doctors, with their keys in one token."""
    softhsm.make_token("clinic")
    keys = {one["name"]: _key(one, n) for n, one in enumerate(installation.nhis.signers)}
    softhsm.store("clinic", keys.values())
    (tmp_path / "pin").write_text(PIN)
    return {
        name: {
            "kind": "pkcs11",
            "module": str(softhsm.module),
            "environment": softhsm.environment,
            "token": {"label": "clinic"},
            "key": {"id": key.id.hex()},
            "pin_file": str(tmp_path / "pin"),
        }
        for name, key in keys.items()
    }


def _key(signer, number: int) -> StoredKey:
    password = Path(signer["password_file"]).read_bytes().strip()
    held = pkcs12.load_pkcs12(Path(signer["pkcs12_file"]).read_bytes(), password)
    return StoredKey(Issued(held.cert.certificate, held.key), f"doctor-{number}", bytes([number + 1]))


def configured(installation, signers):
    """Write the settings, without the files that the sandbox's doctors have."""
    document = installation.settings()
    document["signers"] = signers
    path = installation.directory / "tokens.json"
    path.write_text(json.dumps(document))
    return path


def signer_processes() -> list[psutil.Process]:
    """Return those of the worker in this process."""
    children = psutil.Process(os.getpid()).children()
    return [one for one in children if "worker.signing.pkcs11.process" in one.cmdline()]


async def test_processes_killed_and_a_token_pulled_out_cost_no_submission(installation, signers, softhsm):
    events = [register(f"reg-{n}", installation.patient()) for n in range(COUNT)]
    async with serving(configured(installation, signers)), installation.reading() as answers:
        await installation.publish(*events[:4])
        await answers.answered([one.id for one in events[:4]])

        for process in signer_processes():
            process.kill()
        await installation.publish(*events[4:8])
        await answers.answered([one.id for one in events[4:8]])

        softhsm.pull_out()
        await installation.publish(*events[8:])
        await asyncio.sleep(1)
        for process in signer_processes():
            process.kill()
        softhsm.put_back()
        await answers.answered([one.id for one in events])

    assert answers.kinds() == dict.fromkeys([one.id for one in events], "accepted")
    assert len(installation.nhis.ledger()["registrations"]) == COUNT
    assert signer_processes() == []


async def test_a_wrong_pin_stops_its_own_signer_and_a_changed_file_lets_it_go_on(
    installation, signers, tmp_path
):
    sick = installation.patient()
    well = next(one for one in iter(installation.patient, None) if one.doctor != sick.doctor)
    (tmp_path / "wrong").write_text("0000-wrong")
    signers[sick.doctor.signer]["pin_file"] = str(tmp_path / "wrong")
    async with serving(configured(installation, signers)), installation.reading() as answers:
        await installation.publish(register("sick", sick), register("well", well))
        await answers.answered(["sick", "well"])
        (tmp_path / "wrong").write_text(PIN)
        await installation.publish(register("again", sick))
        await answers.answered(["again"])

    assert answers.kinds() == {"sick": "failed", "well": "accepted", "again": "accepted"}
    (dead,) = answers.dead("signing-failed")
    assert dead.headers["herald-signer"] == sick.doctor.signer
    assert "the token refused the PIN" in answers.only("sick").json["message"]
