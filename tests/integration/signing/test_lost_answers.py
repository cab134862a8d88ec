"""A provider judges a PIN, and its answer does not arrive: two workers, one journal on PostgreSQL, real TLS.

Each test counts, in the provider's ledger, how often the PIN was judged.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys

import pytest

from sandbox.csc.server import Sandbox
from tests.support.cli.commands import beside, settings_file
from tests.support.postgres.journal import RealClock
from tests.support.readme import ROOT
from tests.support.signing.providers import csc, loaded
from worker.journal.refused_secrets import RefusedSecretsJournal
from worker.journal.settings import JournalSettings
from worker.signing.port import SecretInDoubt, SecretRefused, SigningFailed

NAME = "dr-ivanova"
AUTHORIZE = {"operation": "credentials/authorize"}
TOKEN = {"operation": "oauth2/token"}
LOST = {
    "cut": ("drop-after", {}),
    "half": ("truncate", {}),
    "timeout": ("hang-after", {}),
    "gateway": ("status-after", {"status": 504}),
    "unavailable": ("status-after", {"status": 503}),
    "page": ("garbage", {}),
}
STOPPING = """
import asyncio, json, signal, sys
from tests.support.postgres.journal import RealClock
from tests.support.signing.providers import loaded
from worker.journal.refused_secrets import RefusedSecretsJournal
from worker.journal.settings import JournalSettings

async def main(dsn, signer):
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    one = loaded(signer, RefusedSecretsJournal(JournalSettings(dsn=dsn), RealClock()).of("dr-ivanova"))
    signing = asyncio.create_task(one.sign_digests([bytes(32)]))
    await stop.wait()
    signing.cancel()
    await one.close()

asyncio.run(main(**json.load(sys.stdin)))
"""


@pytest.fixture
async def provider(tmp_path):
    async with Sandbox(tmp_path / "csc") as sandbox:
        yield sandbox


@pytest.fixture
async def worker(journal_dsn):
    """Make a worker's signer, as of a process of its own; closed at the end."""
    made = []

    def make(given):
        memory = RefusedSecretsJournal(JournalSettings(dsn=journal_dsn), RealClock()).of(NAME)
        made.append(loaded(given, memory))
        return made[-1]

    yield make
    for one in made:
        await one.close()


@pytest.fixture
def wrong(tmp_path):
    (tmp_path / "pin").write_text("not-the-pin")
    return {"pin_file": str(tmp_path / "pin")}


def pins(provider):
    return provider.service.stand_in.ledger()["pins"]


async def sign(signer):
    return await signer.sign_digests([bytes(32)])


async def failures(*signers):
    found = await asyncio.gather(*map(sign, signers), return_exceptions=True)
    return [one for one in found if isinstance(one, BaseException)]


async def judged(provider):
    """Return when the provider has judged a wrong PIN."""
    for _ in range(1000):
        if pins(provider)["wrong"]:
            return
        await asyncio.sleep(0.05)
    pytest.fail("no PIN was tried")


@pytest.mark.parametrize(("kind", "options"), LOST.values(), ids=LOST)
async def test_a_wrong_pin_whose_refusal_is_lost_is_judged_once(provider, worker, wrong, kind, options):
    given = csc(provider, timeout=2, **wrong)
    provider.faults.add(kind, match=AUTHORIZE, times=1, **options)

    found = await failures(worker(given), worker(given))
    found += await failures(worker(given), worker(given))

    assert {type(one) for one in found} == {SecretInDoubt}
    assert "`herald signers unblock`" in str(found[0])
    assert pins(provider) == {"right": {}, "wrong": {NAME: 1}}


async def test_a_right_pin_in_the_file_ends_the_waiting(provider, worker, wrong, tmp_path):
    provider.faults.add("drop-after", match=AUTHORIZE, times=1)
    await failures(worker(csc(provider, **wrong)))

    assert await sign(worker(csc(provider)))


async def test_a_pin_that_was_accepted_before_a_restart_is_in_no_doubt_after_one_lost_answer(
    provider, worker
):
    await sign(worker(csc(provider)))
    provider.faults.add("drop-after", match=AUTHORIZE, times=1)
    (lost,) = await failures(again := worker(csc(provider)))

    assert (type(lost), lost.transient) == (SigningFailed, True)
    assert await sign(again)
    assert pins(provider) == {"right": {NAME: 3}, "wrong": {}}


async def test_a_pin_that_was_changed_at_the_provider_is_judged_twice_at_most(provider, worker):
    """The one case: it was accepted here before, and the first refusal is lost."""
    await sign(worker(csc(provider)))
    provider.service.stand_in.provider.authorisations._pins[NAME] = "changed"
    provider.faults.add("drop-after", match=AUTHORIZE, times=None)

    found = [type(one) for _ in range(4) for one in await failures(worker(csc(provider)))]

    assert found == [SigningFailed, SecretInDoubt, SecretInDoubt, SecretInDoubt]
    assert pins(provider)["wrong"] == {NAME: 2}


async def test_a_pin_that_was_changed_at_the_provider_is_judged_once_where_the_answer_arrives(
    provider, worker
):
    workers = [worker(csc(provider)) for _ in range(3)]
    for one in workers:
        await sign(one)
    provider.service.stand_in.provider.authorisations._pins[NAME] = "changed"
    provider.service.stand_in.control("expire-sads", {})

    assert {type(one) for one in await failures(*workers)} == {SecretRefused}
    assert pins(provider)["wrong"] == {NAME: 1}


async def test_nobody_sends_the_pin_again_before_the_provider_answers_something_else(provider, worker):
    one = worker(csc(provider, timeout=1))
    await sign(one)
    provider.service.stand_in.control("expire-sads", {})
    provider.faults.add("hang-after", match=AUTHORIZE, times=1)
    await failures(one)
    provider.faults.add("hang-before", match={"operation": "credentials/info"}, times=None)
    found = [*await failures(one), *await failures(one)]
    before = pins(provider)
    provider.faults.clear()

    assert {one.transient for one in found} == {True}
    assert before == {"right": {NAME: 2}, "wrong": {}}
    assert await sign(one)


async def test_a_connection_that_was_never_made_leaves_no_doubt(provider, worker):
    one = worker(csc(provider, timeout=1))
    await one.identity()
    provider.start_outage(0.5)
    await asyncio.sleep(0.1)
    (failed,) = await failures(one)
    await asyncio.sleep(0.6)

    assert failed.transient
    assert await sign(one)
    assert pins(provider) == {"right": {NAME: 1}, "wrong": {}}


async def test_a_clients_secret_whose_refusal_is_lost_is_sent_once(provider, worker, tmp_path):
    (tmp_path / "secret").write_text("not-the-secret")
    given = csc(provider, client_secret_file=str(tmp_path / "secret"))
    provider.faults.add("drop-after", match=TOKEN, times=1)

    found = await failures(worker(given), worker(given))

    assert {type(one) for one in found} == {SecretInDoubt}
    assert len([one for one in provider.request_log if one.operation == "oauth2/token"]) == 1


async def test_an_orderly_stop_in_the_middle_of_a_try_waits_for_its_refusal(
    provider, worker, wrong, journal_dsn
):
    given = csc(provider, timeout=30, **wrong)
    provider.faults.add("delay", match=AUTHORIZE, seconds=2, times=1)
    stopped = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STOPPING, cwd=ROOT, stdin=asyncio.subprocess.PIPE
    )
    stopped.stdin.write(json.dumps({"dsn": journal_dsn, "signer": given}).encode())
    stopped.stdin.close()
    try:
        async with asyncio.timeout(60):
            await judged(provider)
            stopped.send_signal(signal.SIGTERM)
            assert await stopped.wait() == 0
    finally:
        if stopped.returncode is None:
            stopped.kill()
            await stopped.wait()

    (failed,) = await failures(worker(given))
    assert (type(failed), "refused its PIN or password before" in str(failed)) == (SecretRefused, True), (
        failed
    )
    assert pins(provider)["wrong"] == {NAME: 1}


@pytest.fixture
def operator(tmp_path, journal_dsn):
    """Return what gives an operator's commands with one signer."""

    def make(given):
        path = settings_file(tmp_path, journal_dsn, {"bootstrap_servers": "127.0.0.1:1"})
        path.write_text(json.dumps(json.loads(path.read_text()) | {"signers": {"doctor": given}}))
        return beside(path)

    return make


async def test_a_command_that_does_not_wait_so_long_leaves_the_refusal_written_down(
    provider, operator, wrong
):
    run = operator(csc(provider, timeout=30, **wrong))
    provider.faults.add("delay", match=AUTHORIZE, seconds=3, times=1)
    first = await run("signers", "test", "doctor", "--timeout", "1")
    second = await run("signers", "test", "doctor")

    assert "made no signature within 1 s" in first.err
    assert "refused its PIN or password before" in second.err
    assert pins(provider)["wrong"] == {NAME: 1}


async def test_operators_see_the_doubt_and_end_it(provider, operator, worker):
    given = csc(provider)
    run = operator(given)
    provider.faults.add("drop-after", match=AUTHORIZE, times=1)
    tested = await run("signers", "test", "doctor")
    shown = await run("signers", "show", "doctor")
    (listed,) = (await run("signers", "list", "--connect", "--json")).json
    checked = await run("check", "--connect", "--json", "--timeout", "5")
    judged = pins(provider)
    unblocked = await run("signers", "unblock", "doctor", "--by", "operator", "--json")
    after = await run("signers", "test", "doctor")

    told = [one["detail"] for one in checked.json["checks"] if one["id"] == "signers.signature"]
    for text in (tested.err, shown.err, listed["problem"], *told):
        assert "its PIN or password is in doubt" in text
    assert (tested.code, shown.code, checked.code) == (1, 1, 1)
    assert judged == {"right": {NAME: 1}, "wrong": {}}
    assert (unblocked.json["forgotten"], after.code) == (1, 0)
