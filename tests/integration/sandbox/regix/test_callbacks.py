"""Callbacks to a real receiver over TLS: the message, repeats until it is taken, and what is then left to fetch."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from sandbox.authority import Authority
from sandbox.regix.server import Sandbox
from tests.support.systems.regix.envelopes import ASYNCHRONOUS, NS
from tests.support.systems.regix.reading import response_of, said, verify

REPLY = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    b'<ExecuteCallbackResponse xmlns="http://egov.bg/RegiX"/></s:Body></s:Envelope>'
)


@dataclass
class Receiver:
    """An HTTPS server that answers callbacks as it is told to, the last answer for ever."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=lambda: [(200, REPLY)])
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def handle(self, request):
        self.came.append((dict(request.headers), await request.read()))
        self.arrived.set()
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(status=status, body=body, content_type="text/xml")

    async def first(self):
        async with asyncio.timeout(5):
            await self.arrived.wait()


@pytest.fixture
async def receiver(tmp_path):
    authority = Authority.create("CA of receivers")
    credential = authority.issue_server()
    (tmp_path / "receiver-ca.pem").write_bytes(authority.pem())
    (tmp_path / "receiver.pem").write_bytes(credential.certificate_pem() + credential.key_pem())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "receiver.pem")
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/callback", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    receiver.url = f"https://127.0.0.1:{site.port}/callback"
    yield receiver
    await runner.cleanup()


@pytest.fixture
async def regix(directory, tmp_path, receiver):
    async with Sandbox(
        directory, seed=7, async_seconds=600.0, callback_ca_file=tmp_path / "receiver-ca.pem"
    ) as sandbox:
        yield sandbox


async def taken(hospital, url, **how):
    after = f"<sd:CallbackURL>{url}</sd:CallbackURL>"
    return said((await hospital.execute(processing=ASYNCHRONOUS, after=after, **how)).content)


async def callbacks(hospital, *, attempts=1):
    async with asyncio.timeout(5):
        while True:
            found = (await hospital.control("GET", "ledger"))["callbacks"]
            if found and len(found[0]["attempts"]) >= attempts:
                return found[0]
            await asyncio.sleep(0.02)


async def test_a_result_is_called_back_when_it_is_ready(regix, hospital, receiver):
    call = await taken(hospital, receiver.url, sign="true")
    await asyncio.sleep(0.2)
    assert receiver.came == []
    await hospital.control("POST", "finish")
    await receiver.first()
    headers, content = receiver.came[0]
    assert headers["SOAPAction"] == '"http://egov.bg/RegiX/IRegiXEntryPointV2/ExecuteCallback"'
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    found = said(content)
    assert (found["ServiceCallID"], found["VerificationCode"]) == ("1", call["VerificationCode"])
    assert response_of(content).findtext("v:FirstName", namespaces=NS) == "Измислена"
    verify(content, regix.credentials.signing_certificate_file)
    noted = await callbacks(hospital)
    assert (noted["delivered"], noted["url"]) == (True, receiver.url)


async def test_a_delivered_result_is_removed(hospital, receiver):
    call = await taken(hospital, receiver.url)
    await hospital.control("POST", "finish")
    assert (await callbacks(hospital))["delivered"] is True
    found = said((await hospital.ask("CheckResult", 1, call["VerificationCode"])).content)
    assert found["Error"] == "There is no operation known with the provided id: 1"
    await asyncio.sleep(0.2)
    assert len(receiver.came) == 1


async def test_a_result_can_be_kept_after_its_callback(hospital, receiver):
    await hospital.control("POST", "variants", {"keep_after_callback": True})
    call = await taken(hospital, receiver.url)
    await hospital.control("POST", "finish")
    assert (await callbacks(hospital))["delivered"] is True
    assert said((await hospital.ask("CheckResult", 1, call["VerificationCode"])).content)["IsReady"] == "true"


async def test_callbacks_repeat_until_one_is_taken(hospital, receiver):
    fault = REPLY.replace(b'<ExecuteCallbackResponse xmlns="http://egov.bg/RegiX"/>', b"<s:Fault/>")
    receiver.answers = [(503, b""), (200, b""), (200, fault), (200, REPLY)]
    await hospital.control("POST", "variants", {"callback_retry_seconds": 0.1})
    call = await taken(hospital, receiver.url)
    await hospital.control("POST", "finish")
    noted = await callbacks(hospital, attempts=4)
    assert [one["what"] for one in noted["attempts"]] == [
        "503",
        "200 without a reply message",
        "200 without a reply message",
        "200",
    ]
    assert noted["delivered"] is True
    assert len({content for _, content in receiver.came}) == 1
    assert said(receiver.came[0][1])["VerificationCode"] == call["VerificationCode"]


async def test_any_success_may_count(hospital, receiver):
    receiver.answers = [(202, b"")]
    await hospital.control("POST", "variants", {"callback_any_success": True})
    await taken(hospital, receiver.url)
    await hospital.control("POST", "finish")
    assert (await callbacks(hospital))["delivered"] is True


async def test_an_acknowledged_result_is_called_back_no_more(hospital, receiver):
    receiver.answers = [(503, b"")]
    await hospital.control("POST", "variants", {"callback_retry_seconds": 0.3})
    call = await taken(hospital, receiver.url)
    await hospital.control("POST", "finish")
    await receiver.first()
    assert said((await hospital.ask("CheckResult", 1, call["VerificationCode"])).content)["IsReady"] == "true"
    await hospital.ask("AcknowledgeResultReceived", 1, call["VerificationCode"])
    await asyncio.sleep(0.6)
    assert len(receiver.came) == 1


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("http://127.0.0.1:9/callback", "the URL is not https"),
        ("ftp://127.0.0.1/callback", "the URL is not https"),
        ("https://127.0.0.1:9/callback", "ClientConnectorError"),
        ("https://", "InvalidUrlClientError"),
    ],
)
async def test_a_callback_that_cannot_be_sent(hospital, url, what):
    await taken(hospital, url)
    await hospital.control("POST", "finish")
    noted = await callbacks(hospital)
    assert [one["what"] for one in noted["attempts"]] == [what]
    assert noted["delivered"] is False


async def test_plain_http_only_where_it_is_asked_for(hospital):
    await hospital.control("POST", "variants", {"callback_plain_http": True})
    await taken(hospital, "http://127.0.0.1:9/callback")
    await hospital.control("POST", "finish")
    assert (await callbacks(hospital))["attempts"][0]["what"] == "ClientConnectorError"


async def test_a_receiver_of_an_unknown_authority_is_not_called(directory, client_of, receiver):
    async with Sandbox(directory, async_seconds=0.0) as sandbox:
        client = await client_of("hospital", sandbox)
        await taken(client, receiver.url)
        assert (await callbacks(client))["attempts"][0]["what"] == "ClientConnectorCertificateError"
    assert receiver.came == []


async def test_the_sandbox_stops_while_a_callback_is_under_way(directory, client_of, receiver):
    async with Sandbox(directory, async_seconds=0.0) as sandbox:
        client = await client_of("hospital", sandbox)
        await taken(client, "https://127.0.0.1:9/callback")
