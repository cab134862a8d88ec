"""What RegiX gets on the wire, read by a peer that knows no HTTP library: certificate, headers, bytes."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from contracts.reasons import Reason
from tests.support.signing.certificates import issue, key_usage
from tests.support.signing.signers import file_key
from tests.support.systems.regix.answers import CALL_ID, CODE, TAKEN, data, failed, response_to, result
from tests.support.systems.regix.system import attempt, dependencies, event
from tests.support.transport.tls_peer import Peer, server_context
from worker.outcome import Accepted, Blocked, Taken
from worker.systems.regix.build import build
from worker.systems.regix.certificates import thumbprint
from worker.systems.regix.settings import RegixSettings
from worker.transport.port import DeliveryError, SendGuard

XML = "Content-Type: text/xml; charset=utf-8"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def authority():
    return issue("Test CA", authority=True)


@pytest.fixture(scope="module")
def keys(authority):
    issued = {name: issue(name, issuer=authority) for name in ("hospital-a", "hospital-b")}
    return {name: file_key(name, one, clock=now) for name, one in issued.items()}


@pytest.fixture
def serve(authority):
    """Start a RegiX that demands a certificate, does what a script says, and notes whom it saw."""
    server = issue("server", issuer=authority, hosts=("127.0.0.1",), usage=key_usage(digital_signature=True))
    peers = []

    def start(script, *, trusts=authority):
        peers.append(Peer(script, server_context(server, client_authority=trusts)).__enter__())
        return peers[-1]

    yield start
    for peer in peers:
        peer.__exit__()


@pytest.fixture
async def make(authority, keys, tmp_path):
    (tmp_path / "ca.pem").write_bytes(authority.pem())
    made = []

    def make(peer, **settings):
        section = RegixSettings.model_validate(
            {
                "url": f"{peer.url}/RegiXEntryPointV2.svc/basic",
                "senders": list(keys),
                "transport": {"ca_file": tmp_path / "ca.pem"},
                **settings,
            }
        )
        made.append(build(section, dependencies(keys=keys, now=now)))
        return made[-1]

    yield make
    for system in made:
        await system.close()


def answering(*bodies, seen=None):
    left = list(bodies)

    def script(connection):
        if seen is not None:
            seen.append(connection.sock.getpeercert()["subject"][0][0][1])
        while connection.read_request():
            body = left.pop(0) if len(left) > 1 else left[0]
            connection.answer(body.encode(), headers=(XML,))

    return script


async def send(system, *, signer="hospital-a", **changes):
    submission = dataclasses.replace(event(**changes), signer=signer)
    prepared = await system.prepare(submission, attempt())
    answer = await system.exchange(prepared, SendGuard(lambda: True))
    return submission, prepared, system.interpret(submission, prepared, answer)


async def test_each_signer_shows_its_own_certificate(serve, make):
    seen = []
    system = make(serve(answering(response_to("Execute", result()), seen=seen)))
    for signer in ("hospital-a", "hospital-b", "hospital-a"):
        *_, outcome = await send(system, signer=signer)
        assert isinstance(outcome, Accepted)

    # A connection for each message: nothing in an answer names the message that it answers.
    assert seen == ["hospital-a", "hospital-b", "hospital-a"]


async def test_the_request_on_the_wire(serve, make):
    peer = serve(answering(response_to("Execute", result())))
    _, prepared, _ = await send(make(peer))

    head, _, body = peer.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    named = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    assert lines[0] == "POST /RegiXEntryPointV2.svc/basic HTTP/1.1"
    assert named["soapaction"] == '"http://egov.bg/RegiX/IRegiXEntryPointV2/Execute"'
    assert named["content-type"] == "text/xml; charset=utf-8"
    assert named["content-length"] == str(len(body))
    assert body == prepared.request


async def test_an_asynchronous_request_to_its_end(serve, make):
    answers = (
        response_to("Execute", TAKEN),
        response_to("CheckResult", result('<Data xsi:nil="true" />', ready="false")),
        response_to("CheckResult", result(code=CODE)),
        response_to("AcknowledgeResultReceived", ""),
    )
    peer = serve(answering(*answers))
    system = make(peer)
    submission, _, taken = await send(system, asynchronous=True)

    async def exchanged(prepared):
        return prepared, await system.exchange(prepared, SendGuard(lambda: True))

    assert isinstance(taken, Taken)
    for kind in (Taken, Accepted):
        asked, answer = await exchanged(await system.prepare_ask(submission, attempt(), taken))
        outcome = system.interpret_ask(submission, taken, asked, answer)
        assert isinstance(outcome, kind)
    told, answer = await exchanged(await system.prepare_acknowledgement(submission, attempt(), taken))
    assert system.is_acknowledged(taken, told, answer)
    actions = [request.split(b"IRegiXEntryPointV2/")[1].split(b'"')[0] for request in peer.requests]
    assert actions == [b"Execute", b"CheckResult", b"CheckResult", b"AcknowledgeResultReceived"]
    assert outcome.data["serviceCallId"] == CALL_ID


async def test_who_has_no_access_learns_the_thumbprint(serve, make, keys):
    sentence = "Access denied! ConsumerCertificate is not found."
    system = make(serve(answering(response_to("Execute", failed(sentence)))))
    *_, outcome = await send(system)

    assert isinstance(outcome, Blocked)
    assert thumbprint(keys["hospital-a"].known.certificate) in outcome.detail


async def test_a_server_that_does_not_take_the_certificate(serve, make):
    peer = serve(answering("<ok/>"), trusts=issue("Other CA", authority=True))
    with pytest.raises(DeliveryError) as caught:
        await send(make(peer))
    assert caught.value.reason in {Reason.TLS_FAILURE, Reason.CONNECTION_LOST}
    assert peer.requests == []


@pytest.mark.parametrize("mebibytes", [24, 26])
async def test_an_answer_of_about_25_megabytes(serve, make, mebibytes):
    document = f"<R xmlns='urn:r'><Document>{'A' * (mebibytes * 1024 * 1024)}</Document></R>"
    peer = serve(answering(response_to("Execute", result(data(response=document)))))
    *_, outcome = await send(make(peer))

    if mebibytes == 24:
        assert isinstance(outcome, Accepted)
        assert outcome.data["report"] is None
    else:
        assert isinstance(outcome, Blocked)
        assert outcome.reason is Reason.UNREADABLE_ANSWER


async def test_an_expired_certificate_is_not_shown(serve, make, keys, authority):
    old = issue("hospital-c", issuer=authority, end=now() - timedelta(days=1))
    peer = serve(answering("<ok/>"))
    system = make(peer)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(keys, "hospital-a", file_key("hospital-a", old, clock=now))
        assert [one.signer for one in system.endpoints()] == ["hospital-b"]
        assert await system.probe() is None
    assert peer.connections == 1
