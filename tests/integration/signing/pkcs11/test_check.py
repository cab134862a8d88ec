"""`herald check` and `check --connect` name what keeps a token's key from signing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from tests.support.cli.commands import invoked
from tests.support.pkcs11.fake_token import WRONG
from tests.support.signing.certificates import issue, key_usage
from tests.support.softhsm.tokens import PIN, StoredKey
from worker.admin.preflight.findings import Finding, Verdict
from worker.admin.preflight.signers import SignerChecks
from worker.signing.checked import checked
from worker.signing.pkcs11.settings import Pkcs11Settings
from worker.signing.registry import Signers, load_signers

DOCTOR = issue("Checked", usage=key_usage(digital_signature=True))


@pytest.fixture
def settings(softhsm, tmp_path):
    """Return what makes settings of a signer on SoftHSM."""
    softhsm.make_token("clinic")
    softhsm.store("clinic", [StoredKey(DOCTOR, "doctor", b"\x01")])
    (tmp_path / "pin").write_text(PIN)

    def make(**changed):
        values = {
            "kind": "pkcs11",
            "module": str(softhsm.module),
            "environment": softhsm.environment,
            "pin_file": str(tmp_path / "pin"),
        }
        return {**values, **changed}

    return make


def now() -> datetime:
    return datetime.now(UTC)


def _only(signer) -> Signers:
    signers = load_signers({}, clock=now)
    signers.replace(signer.name, signer)
    return signers


async def found(signer) -> dict[str, Finding]:
    """Return what the checks find that ask this one signer."""
    checks = SignerChecks(_only(checked(signer, clock=now)), {}, seconds=20, now=now)
    return {one.id: finding for one in checks.all()[1:4] for finding in await one.find()}


async def test_a_key_that_signs_is_well(workshop, settings):
    told = await found(workshop.worker()("doctor", Pkcs11Settings.model_validate(settings())))

    assert {one.verdict for one in told.values()} == {Verdict.OK}
    assert told["signers.signature"].detail == "a test signature was made and verified"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"module": "/etc/hostname"}, "the module cannot be loaded (/etc/hostname: file too short)"),
        ({"token": {"label": "other"}}, "there is no such token; the module shows 1"),
        ({"key": {"id": "ff"}}, "none of the token's 1 keys fits `key`"),
    ],
)
async def test_what_fails_is_named(workshop, settings, changed, told):
    signer = workshop.worker()("doctor", Pkcs11Settings.model_validate(settings(**changed)))
    signature = (await found(signer))["signers.signature"]

    assert signature.verdict is Verdict.FAIL
    assert told in signature.detail


async def test_a_refused_pin_is_named_and_tried_once_by_all_checks_together(workshop, fake):
    fake.pin_file.write_text(WRONG)

    told = await found(workshop.worker(fake.command)("doctor", fake.settings()))

    assert {one.verdict for one in told.values()} == {Verdict.FAIL}
    assert all("the token refused" in one.detail for one in told.values())
    assert fake.tries() == ["wrong"]


def test_missing_files_are_named_without_asking_anybody(settings, tmp_path):
    files = {"module": "/no/module.so", "pin_file": "/no/pin", "certificate_file": "/no/certificate.pem"}
    document = {
        "kafka": {"bootstrap_servers": "127.0.0.1:1"},
        "journal": {"dsn_file": str(tmp_path / "dsn")},
        "signers": {"doctor": settings(**files)},
        "systems": {"nhis": {"senders": {"doctor": {"uin": "2300000001"}}}},
    }
    (tmp_path / "dsn").write_text("postgresql://db.invalid/herald")
    (tmp_path / "herald.yaml").write_text(json.dumps(document))

    done = invoked("check", "--config", tmp_path / "herald.yaml")

    assert done.code == 2
    for name, path in files.items():
        assert f"signers.doctor: there is no {name} {path}" in done.err
