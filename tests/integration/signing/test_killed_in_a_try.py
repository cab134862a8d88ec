"""A worker that is killed while the provider judges its PIN: a process of its own, with the journal on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import sys
import time

import pytest

from sandbox.csc.server import Sandbox
from tests.support.postgres.journal import RealClock
from tests.support.readme import ROOT
from tests.support.signing.providers import csc, loaded
from worker.admin.signer_unblocking import unblock_signer
from worker.journal import refused_secrets
from worker.journal.refused_secrets import RefusedSecretsJournal
from worker.journal.settings import JournalSettings
from worker.settings.model import Settings
from worker.signing import trying
from worker.signing.port import SecretInDoubt, SecretRefused, SigningFailed

LEASE = 2.0
"""Seconds; in place of the usual ones, for which this test would wait twice."""
NAME = "dr-ivanova"
AUTHORIZE = {"operation": "credentials/authorize"}
WORKER = f"""
import asyncio, json, sys
from tests.support.postgres.journal import RealClock
from tests.support.signing.providers import loaded
from worker.journal import refused_secrets
from worker.journal.settings import JournalSettings
from worker.signing import trying

refused_secrets.LEASE = trying.LEASE = {LEASE}

async def main(dsn, signer):
    journal = refused_secrets.RefusedSecretsJournal(JournalSettings(dsn=dsn), RealClock())
    await loaded(signer, journal.of("{NAME}")).sign_digests([bytes(32)])

asyncio.run(main(**json.load(sys.stdin)))
"""


@pytest.fixture
async def provider(tmp_path):
    async with Sandbox(tmp_path / "csc") as sandbox:
        yield sandbox


@pytest.fixture
def memory(journal_dsn, monkeypatch):
    for module in (refused_secrets, trying):
        monkeypatch.setattr(module, "LEASE", LEASE)
    return RefusedSecretsJournal(JournalSettings(dsn=journal_dsn), RealClock()).of(NAME)


@pytest.fixture
async def worker(journal_dsn):
    """Start a worker with this signer; killed at the end of the test at the latest."""
    started = []

    async def start(signer):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", WORKER, cwd=ROOT, stdin=asyncio.subprocess.PIPE
        )
        started.append(process)
        process.stdin.write(json.dumps({"dsn": journal_dsn, "signer": signer}).encode())
        process.stdin.close()
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until_judged(provider, kind, times=1):
    """Wait until the provider has judged a PIN, whose worker then waits for the answer."""
    for _ in range(1200):
        if provider.service.stand_in.ledger()["pins"][kind].get(NAME) == times:
            return
        await asyncio.sleep(0.05)
    pytest.fail("the worker did not try its PIN")


async def end_of_waiting(signer):
    """Sign as the pipeline does, until the failure is no transient one; return that, and the seconds until then."""
    begun = time.monotonic()
    async with asyncio.timeout(60):
        while True:
            try:
                await signer.sign_digests([bytes(32)])
            except SigningFailed as failed:
                if not failed.transient:
                    return failed, time.monotonic() - begun
            await asyncio.sleep(0.05)


async def test_a_pin_whose_try_was_killed_waits_for_an_operator_after_one_lease(
    provider, worker, memory, journal_dsn, tmp_path
):
    (tmp_path / "pin").write_text("not-the-pin")
    given = csc(provider, pin_file=str(tmp_path / "pin"), timeout=60)
    provider.faults.add("hang-after", match=AUTHORIZE, times=1)
    other = loaded(given, memory)
    dying = await worker(given)
    await until_judged(provider, "wrong")

    with pytest.raises(SigningFailed, match="another worker tries its PIN") as busy:
        await other.sign_digests([bytes(32)])  # looks for 10 s, which are five leases: they are renewed
    dying.kill()
    failed, seconds = await end_of_waiting(other)

    assert busy.value.transient
    assert "its PIN or password is in doubt: it was sent, or may have been" in str(failed)
    assert isinstance(failed, SecretInDoubt)
    assert LEASE / 3 < seconds < LEASE + 2
    assert provider.service.stand_in.ledger()["pins"] == {"right": {}, "wrong": {NAME: 1}}
    await other.close()

    configured = Settings(
        kafka={"bootstrap_servers": ["127.0.0.1:9"]},
        journal={"dsn": journal_dsn},
        signers={NAME: given},
        systems={"nhis": {"senders": {NAME: {"uin": "2300000001"}}}},
    )
    assert await unblock_signer(configured, NAME, who="op", reason=None) == 1
    again = loaded(given, memory)
    with pytest.raises(SecretRefused, match="refused the credential's PIN"):
        await again.sign_digests([bytes(32)])
    assert provider.service.stand_in.ledger()["pins"]["wrong"] == {NAME: 2}
    await again.close()


async def test_a_pin_that_was_accepted_before_is_tried_once_more_by_itself(provider, worker, memory):
    given = csc(provider, timeout=60)
    knowing = loaded(given, memory)
    await knowing.sign_digests([bytes(32)])
    provider.service.stand_in.control("expire-sads", {})
    provider.faults.add("hang-after", match=AUTHORIZE, times=1)
    dying = await worker(given)
    await until_judged(provider, "right", times=2)
    dying.kill()

    assert await knowing.sign_digests([bytes(32)])
    assert provider.service.stand_in.ledger()["pins"] == {"right": {NAME: 3}, "wrong": {}}
    await knowing.close()
