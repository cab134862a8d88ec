"""RegiX calls `herald receiver`: a call has the report fetched, and nothing that it states beside that counts.

Herald would ask in an hour, so that every question in these tests is due to a call.
"""

from __future__ import annotations

import asyncio
import json
import ssl

import asyncpg
import httpx
import pytest

from sandbox.authority import Authority
from tests.support.inbound.installation import SECRET, authority_pem
from tests.support.kafka.cluster import free_ports
from tests.support.systems.regix.answers import data, enveloped, result
from tests.support.systems.regix.scene import (
    SYSTEM,
    acknowledgements,
    executions,
    report,
    section_of,
    signers_of,
)
from tests.support.worker.evidence import check_reply
from tests.support.worker.installation import (
    SystemInstallation,
    eventually,
    new_topics,
    serving,
    worker_process,
)

pytestmark = pytest.mark.timeout(120)
NAME = "called"
NEVER = 3600
IN_AN_HOUR = {"first": NEVER, "factor": 1, "maximum": NEVER, "give_up_after": 2 * NEVER, "pass_seconds": 0.05}
FAULT = b"Fault>"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The receiver's certificate, whose authority RegiX trusts, and the secret of its route."""
    directory = tmp_path_factory.mktemp("receiver")
    authority = Authority.create("Invented authority")
    server = authority.issue_server()
    (directory / "ca.pem").write_bytes(authority_pem(authority))
    (directory / "cert.pem").write_bytes(server.certificate_pem())
    (directory / "key.pem").write_bytes(server.key_pem())
    (directory / "secret").write_text(SECRET)
    return directory


@pytest.fixture(scope="module")
def regix(sandbox_of, files):
    return sandbox_of(
        SYSTEM, "--strict", "--async-seconds", str(NEVER), "--callback-ca", str(files / "ca.pem")
    )


@pytest.fixture
def installation(kafka, journal_dsn, regix, tmp_path):
    regix.reset()
    topics = new_topics(SYSTEM, kafka.bootstrap, 1)
    return SystemInstallation(
        kafka.bootstrap, topics, journal_dsn, tmp_path, regix, signers_of(regix), section_of(regix)
    )


@pytest.fixture
def port():
    return free_ports(1)[0]


def config_of(installation, files, port):
    called = {
        "callback_url": f"https://127.0.0.1:{port}/{SYSTEM}",
        "callback_secret_file": str(files / "secret"),
    }
    receiver = {
        "host": "127.0.0.1",
        "port": port,
        "tls": {"cert_file": str(files / "cert.pem"), "key_file": str(files / "key.pem")},
        "routes": {SYSTEM: {"secret_file": str(files / "secret")}},
    }
    return installation.config({"asking": IN_AN_HOUR, "receiver": receiver, "systems": {SYSTEM: called}})


async def waits(installation):
    """Wait until RegiX has taken the request; return its number and its verification code."""
    await installation.state(NAME, "waiting")
    connection = await asyncpg.connect(installation.dsn)
    try:
        kept = json.loads(await connection.fetchval("select call from waiting where id = $1", NAME))
    finally:
        await connection.close()
    call = kept["call"]
    return call["call_id"], call["verification_code"]


def questions(ledger):
    return [one["outcome"] for one in ledger["checks"]]


async def ledger_of(installation):
    return await asyncio.to_thread(installation.sandbox.ledger)


async def test_a_call_of_regix_has_the_report_fetched(installation, files, port):
    config = config_of(installation, files, port)
    with worker_process(config, "receiver") as receiver:
        await receiver.ready()
        async with serving(config), installation.reading() as answers:
            await installation.publish(report(NAME, asynchronous=True))
            await waits(installation)
            assert questions(await ledger_of(installation)) == []
            installation.sandbox.control("finish", {})
            await answers.answered([NAME])
            await eventually(lambda: installation.detail(NAME), lambda it: it.waiting is None)
            ledger = await ledger_of(installation)
    check_reply(answers.only(NAME))
    assert answers.only(NAME).kind == "accepted"
    # RegiX was told that the call was not delivered, so that it kept the report for the question.
    (called,) = ledger["callbacks"]
    assert (called["delivered"], [one["what"] for one in called["attempts"]]) == (False, ["500"])
    assert questions(ledger) == ["ready"]
    assert (len(executions(ledger, NAME)), acknowledgements(ledger, NAME)) == (1, ["removed"])


async def test_a_call_of_a_stranger_counts_for_nothing(installation, files, port):
    """Only number and code together are known; and who knows both makes Herald ask, and publishes nothing."""
    config = config_of(installation, files, port)
    with worker_process(config, "receiver") as receiver:
        await receiver.ready()
        async with serving(config), installation.reading() as answers:
            await installation.publish(report(NAME, asynchronous=True))
            number, code = await waits(installation)
            async with _client(files) as client:
                strangers = [
                    await _call(client, port, call_id=number, code=f"{number}.c3RyYW5nZXI="),
                    await _call(client, port, call_id="999999", code=code),
                    await _call(client, port, call_id=number),
                    await _call(client, port, secret="x" * 40, call_id=number, code=code),
                ]
                assert [one.status_code for one in strangers] == [404, 404, 401, 404]
                assert questions(await ledger_of(installation)) == []
                known = await _call(client, port, call_id=number, code=code)
            await eventually(lambda: ledger_of(installation), lambda it: questions(it) == ["not-ready"])
            assert (known.status_code, FAULT in known.content) == (500, True)
            assert (await installation.detail(NAME)).submission.state == "waiting"
            assert answers.replies == []
            installation.sandbox.control("finish", {})
            await answers.answered([NAME])
    reply = answers.only(NAME)
    assert (reply.kind, reply.json["data"]["serviceCallId"]) == ("accepted", number)
    assert FORGED not in reply.json["data"]["report"]["xml"]
    log = receiver.log.read_text(encoding="utf-8")
    assert not any(told in log for told in (code, SECRET, FORGED, "Traceback"))


FORGED = "Подправена"


def _client(files):
    context = ssl.create_default_context(cafile=files / "ca.pem")
    return httpx.AsyncClient(verify=context, trust_env=False, timeout=15)


async def _call(client, port, *, secret=SECRET, **stated):
    """Post an ExecuteCallback with a report that RegiX never made."""
    forged = data(
        response=f'<ValidPersonResponse xmlns="urn:x"><FirstName>{FORGED}</FirstName></ValidPersonResponse>'
    )
    inside = f"<request>{result(forged, **stated)}</request>"
    body = enveloped(f'<ExecuteCallback xmlns="http://egov.bg/RegiX">{inside}</ExecuteCallback>')
    headers = {"content-type": "text/xml; charset=utf-8"}
    url = f"https://127.0.0.1:{port}/{SYSTEM}/{secret}"
    return await client.post(url, content=body.encode(), headers=headers)
