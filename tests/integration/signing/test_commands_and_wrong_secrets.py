"""A wrong PIN is tried once by all commands of an operator and all workers together: the provider locks after three."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from sandbox.csc.server import Sandbox
from tests.support.cli.commands import beside, settings_file
from tests.support.postgres.journal import RealClock
from tests.support.signing.certificates import issue, key_usage
from tests.support.signing.providers import csc, loaded
from tests.support.softhsm.tokens import PIN, StoredKey
from worker.journal.refused_secrets import RefusedSecretsJournal
from worker.journal.settings import JournalSettings
from worker.signing.port import SecretRefused

WORKER = Path(__file__).parents[3] / "worker"
KAFKA = {"bootstrap_servers": "127.0.0.1:1"}


@pytest.fixture
def operator(tmp_path, journal_dsn):
    """Return what gives an operator's commands with these signers."""

    def make(**signers):
        path = settings_file(tmp_path, journal_dsn, KAFKA)
        path.write_text(json.dumps(json.loads(path.read_text()) | {"signers": signers}))
        return beside(path)

    return make


async def test_a_provider_gets_a_wrong_pin_once_from_all_commands(operator, tmp_path):
    (tmp_path / "pin").write_text("not-the-pin")
    async with Sandbox(tmp_path / "csc") as provider:
        run = operator(doctor=csc(provider, pin_file=str(tmp_path / "pin")))
        first = await run("signers", "test", "doctor")
        again = [await run("signers", "test", "doctor") for _ in range(3)]
        checked = await run("check", "--connect", "--json", "--timeout", "5")
        wrong = provider.service.stand_in.ledger()["pins"]["wrong"]
        unblocked = await run("signers", "unblock", "doctor", "--by", "operator", "--json")
        await run("signers", "test", "doctor")
        after = provider.service.stand_in.ledger()["pins"]["wrong"]

    assert "the provider refused the credential's PIN or password" in first.err
    assert {one.code for one in (first, *again)} == {1}
    assert all("refused its PIN or password before" in one.err for one in again)
    (told,) = (one for one in checked.json["checks"] if one["id"] == "signers.signature")
    assert "refused its PIN or password before" in told["detail"]
    assert (wrong, unblocked.json["forgotten"], after) == ({"dr-ivanova": 1}, 1, {"dr-ivanova": 2})


async def test_a_token_gets_a_wrong_pin_once_and_its_other_signers_go_on(operator, softhsm, tmp_path):
    softhsm.make_token("clinic")
    softhsm.store("clinic", [StoredKey(issue("D", usage=key_usage(digital_signature=True)), "d", b"\x01")])
    (tmp_path / "right").write_text(PIN)
    (tmp_path / "wrong").write_text("not-the-pin")
    given = {"kind": "pkcs11", "module": str(softhsm.module), "environment": softhsm.environment}
    run = operator(**{name: given | {"pin_file": str(tmp_path / name)} for name in ("right", "wrong")})

    first, second = [await run("signers", "test", "wrong") for _ in range(2)]
    shown = await run("signers", "show", "wrong")
    other = await run("signers", "test", "right")

    assert "the token refused the PIN" in first.err
    assert "the token refused this PIN before" in second.err
    assert (shown.code, "the token refused this PIN before" in shown.err) == (1, True)
    assert (other.code, "made a signature" in other.err) == (0, True)


async def test_a_command_tries_no_pin_that_a_worker_found_wrong(operator, journal_dsn, tmp_path):
    (tmp_path / "pin").write_text("not-the-pin")
    async with Sandbox(tmp_path / "csc") as provider:
        given = csc(provider, pin_file=str(tmp_path / "pin"))
        of_worker = loaded(
            given, RefusedSecretsJournal(JournalSettings(dsn=journal_dsn), RealClock()).of("doctor")
        )
        with pytest.raises(SecretRefused):
            await of_worker.sign_digests([bytes(32)])
        await of_worker.close()

        tried = await operator(doctor=given)("signers", "test", "doctor")

        assert "refused its PIN or password before" in tried.err
        assert provider.service.stand_in.ledger()["pins"]["wrong"] == {"dr-ivanova": 1}


def test_no_part_of_the_worker_loads_signers_with_a_memory_of_its_own():
    calls = {
        str(file.relative_to(WORKER)): call
        for file in WORKER.rglob("*.py")
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "id", None) == "load_signers"
        if not (isinstance(call.args[0], ast.Dict) and not call.args[0].keys)
    }
    assert list(calls) == ["admin/loaded_signers.py"]
    assert "refused" in [one.arg for one in calls["admin/loaded_signers.py"].keywords]
