"""Doctors whose keys are at providers: NHIS accepts what each kind signs; a wrong PIN stops its own signer alone."""

from __future__ import annotations

import asyncio
import logging
import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.signing.providers import btrust_settings, csc_settings, vault_settings
from tests.support.worker.hospital import register
from tests.support.worker.installation import serving
from tests.support.worker.sandbox import Sandbox, running

OFTEN = {"signing": {"reload_seconds": 0.2}}


@pytest.fixture
def providers(nhis):
    """Providers that hold the keys of NHIS's doctors, by kind."""
    directory = Path(nhis.ca_file).parent
    with ExitStack() as stack:
        yield {
            kind: stack.enter_context(running(kind, directory, kind=Sandbox))
            for kind in ("csc", "btrust", "vault")
        }


SETTINGS = {"csc": csc_settings, "btrust": btrust_settings, "vault": vault_settings}


async def test_nhis_accepts_what_providers_sign(installation, providers):
    kinds = dict(zip((one.signer for one in installation.nhis.doctors), providers, strict=True))
    signers = {name: SETTINGS[kind](providers[kind].ready, name) for name, kind in kinds.items()}
    installation = replace(installation, signers=signers)
    events = [register(f"one-{one.number}", one) for one in (installation.patient() for _ in range(9))]
    async with serving(installation.config()), installation.reading() as answers:
        await installation.publish(*events)
        await answers.answered([one.id for one in events])
    assert set(answers.kinds().values()) == {"accepted"}
    assert all(provider.ledger()["signings"] for provider in providers.values())


async def test_a_wrong_pin_is_tried_once_and_shows_nowhere_until_the_right_one_is_put_in_its_file(
    installation, providers, tmp_path, caplog
):
    sick, well = installation.nhis.doctors[:2]
    (tmp_path / "pin").write_text("hidden-pin-73")
    wrong = csc_settings(providers["csc"].ready, sick.signer, pin_file=str(tmp_path / "pin"))
    installation = replace(installation, signers={**installation.signers, sick.signer: wrong})
    people = [one for one in (installation.patient() for _ in range(30)) if one.doctor in (sick, well)]
    events = {one.number: register(f"one-{one.number}", one) for one in people}
    with caplog.at_level(logging.DEBUG):
        async with serving(installation.config(OFTEN)), installation.reading() as answers:
            await installation.publish(*events.values())
            await answers.answered([one.id for one in events.values()])
            pins = providers["csc"].ledger()["pins"]
            (known,) = (one for one in providers["csc"].ready["signers"] if one["name"] == sick.signer)
            shutil.copyfile(known["pin_file"], tmp_path / "pin")
            await asyncio.sleep(2)
            patient = next(one for one in iter(installation.patient, None) if one.doctor == sick)
            await installation.publish(register("later", patient))
            await answers.answered(["later"])
    expected = {events[one.number].id: "failed" if one.doctor == sick else "accepted" for one in people}
    assert answers.kinds() == expected | {"later": "accepted"}
    assert len(answers.dead("signing-failed")) == list(expected.values()).count("failed")
    assert pins == {"right": {}, "wrong": {sick.signer: 1}}
    assert providers["csc"].ledger()["pins"]["wrong"] == {sick.signer: 1}
    failed = {reply.json["message"] for reply in answers.replies if reply.kind == "failed"}
    assert any("PIN or password" in message for message in failed)
    published = b"".join(one.value or b"" for one in [*answers.replies, *answers.dead_letters]).decode()
    assert "hidden-pin-73" not in caplog.text + published
