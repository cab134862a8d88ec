"""`herald signers unblock`, as operators run it."""

from __future__ import annotations

import json

import pytest

from tests.support.cli.commands import beside, settings_file
from tests.support.postgres.journal import RealClock
from tests.support.signing.refused_secrets import ONE
from worker.admin.audit_log import newest_entries
from worker.journal.refused_secrets import RefusedSecretsJournal

SIGNER = {"kind": "pkcs11", "module": "/usr/lib/m.so"}


@pytest.fixture
def run(tmp_path, journal_dsn):
    """Run commands with two signers."""
    path = settings_file(tmp_path, journal_dsn, {"bootstrap_servers": "127.0.0.1:1"})
    document = json.loads(path.read_text())
    path.write_text(json.dumps(document | {"signers": dict.fromkeys(("dr-a", "dr-b"), SIGNER)}))
    return beside(path)


async def test_a_refused_secret_may_be_tried_again_and_that_is_written_down(run, settings):
    memory = RefusedSecretsJournal(settings, RealClock()).of("dr-a")
    await memory.note(ONE)

    other = await run("signers", "unblock", "dr-b", "--by", "operator")
    done = await run("signers", "unblock", "dr-a", "--by", "operator", "--reason", "a typo", "--json")

    assert (other.code, other.out) == (0, "")
    assert "No secret of the signer dr-b was refused" in other.err
    assert (done.code, done.json) == (0, {"signer": "dr-a", "forgotten": 1})
    assert not await memory.refused(ONE)
    (entry,) = await newest_entries(settings)
    assert (entry.who, entry.act, entry.reason) == ("operator", "unblock-signer", "a typo")


async def test_an_unknown_signer_is_wrong_use(run):
    done = await run("signers", "unblock", "dr-z", "--by", "operator")

    assert done.code == 2
    assert "There is no signer 'dr-z' in the configuration: dr-a, dr-b." in done.err
