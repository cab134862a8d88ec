"""NCANode's signatures over real HTTP; the server here signs by libxmlsec1, and fails as the real one does."""

import base64
import contextlib
import logging
import re
import socket

import pytest
from aiohttp import web
from pydantic import TypeAdapter

from tests.support.signing.certificates import NOW, issue
from tests.support.systems.kz_shep.soap import ANSWER, signed_by_xmlsec
from worker.configuration_error import ConfigurationError
from worker.signing.ncanode.signer import load_ncanode
from worker.signing.port import SigningFailed
from worker.signing.registry import load_signers
from worker.signing.settings import SignerSettings
from worker.signing.wsse.verify import verify_body

PASSWORD = "пароль-1"
CLINIC = issue("Clinic")


def loaded_ncanode(settings):
    return load_ncanode("clinic", settings, clock=lambda: NOW)


class Ncanode:
    """The one call, as the open source server answers it; ``answer`` replaces the answer."""

    def __init__(self):
        self.requests = []
        self.answer = None

    async def sign(self, request):
        assert request.content_type == "application/json"
        asked = await request.json()
        self.requests.append(asked)
        self.connection = request.transport
        if self.answer is not None:
            return await self.answer(asked)
        if asked["password"] != PASSWORD:
            message = "Key reading error: Password incorrect."
            return web.json_response({"status": 400, "message": message}, status=400)
        signed = signed_by_xmlsec(CLINIC, asked["xml"]).decode()
        return web.json_response({"status": 200, "message": "OK", "xml": signed})


@pytest.fixture
async def server():
    ncanode = Ncanode()
    application = web.Application()
    application.add_routes([web.post("/wsse/sign", ncanode.sign)])
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    ncanode.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield ncanode
    await runner.cleanup()


@pytest.fixture
def settings(tmp_path):
    (tmp_path / "clinic.p12").write_bytes(CLINIC.pkcs12(PASSWORD))

    def make(url, **values):
        given = {
            "kind": "ncanode",
            "url": url,
            "file": tmp_path / "clinic.p12",
            "password": PASSWORD,
        } | values
        return TypeAdapter(SignerSettings).validate_python(given)

    return make


@pytest.fixture
def signer(server, settings):
    return loaded_ncanode(settings(server.url))


async def test_the_document_comes_back_signed_byte_for_byte(server, signer):
    async def reformatted(asked):
        signed = signed_by_xmlsec(CLINIC, asked["xml"]).decode().replace("?>", " ?>", 1)
        return web.json_response({"status": 200, "message": "OK", "xml": signed})

    server.answer = reformatted
    document = await signer.sign_document(ANSWER.encode())
    verify_body(document, [CLINIC.certificate], now=NOW)
    assert document == signed_by_xmlsec(CLINIC, ANSWER).replace(b"?>", b" ?>", 1)


async def test_the_request(server, signer):
    await signer.sign_document(ANSWER.encode())
    (asked,) = server.requests
    key = base64.b64decode(asked.pop("key"))
    assert asked == {"xml": ANSWER, "password": PASSWORD, "trimXml": False}
    assert key.startswith(b"0")


async def test_the_alias_is_sent_where_there_is_one(server, settings):
    await loaded_ncanode(settings(server.url + "/", key_alias="key-1")).sign_document(ANSWER.encode())
    assert server.requests[0]["keyAlias"] == "key-1"


async def test_the_password_may_stand_in_a_file(server, settings, tmp_path):
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    given = settings(server.url, password=None, password_file=tmp_path / "password")
    await loaded_ncanode(given).sign_document(ANSWER.encode())
    assert server.requests[0]["password"] == PASSWORD


def says(status, message="x"):
    async def answer(_):
        return web.json_response({"status": status, "message": message}, status=status)

    return answer


def raw(body, status=200, content_type="application/json"):
    async def answer(_):
        return web.Response(body=body, status=status, content_type=content_type)

    return answer


REFUSALS = {
    "wrong password": (says(400, "Key reading error: Password incorrect."), "password is wrong", False),
    "wrong password, as 500": (
        says(500, "signers[0]: Key reading error: Password incorrect."),
        "password is wrong",
        False,
    ),
    "alias": (says(400, "Key reading error: Key does not have 'x' alias"), "key_alias", False),
    "base64": (says(400, "Key reading error: Invalid Base64 format"), "arrived incomplete", False),
    "key of another kind": (says(400, "Key reading error: other"), "not a key file", False),
    "a field is missing": (raw(b'{"timestamp":1,"status":400,"error":"Bad Request"}', 400), "refused", False),
    "not found": (raw(b"<html>", 404, "text/html"), "not at this url: HTTP status 404", False),
    "redirect": (raw(b"", 302), "HTTP status 302", False),
    "internal error": (says(500, "SOAPException"), "HTTP status 500", True),
    "proxy without server": (raw(b"<html>", 502, "text/html"), "HTTP status 502", True),
    "too many": (raw(b"", 429), "HTTP status 429", True),
    "not JSON": (raw(b"OK"), "no signed document", False),
    "no object": (raw(b"[]"), "no signed document", False),
    "deep JSON": (raw(b"[" * 100_000), "no signed document", False),
    "no document": (raw(b'{"status":200,"message":"OK"}'), "no signed document", False),
    "a number": (raw(b'{"status":200,"xml":1}'), "no signed document", False),
    "another status": (raw(b'{"status":500,"xml":"<a/>"}'), "no signed document", False),
    "half a character": (raw(b'{"status":200,"xml":"\\ud800"}'), "not text", False),
    "not XML": (raw(b'{"status":200,"xml":"<a"}'), "not well-formed", False),
    "another document": (raw(b'{"status":200,"xml":"<a/>"}'), "not a SOAP envelope", False),
    "too long": (raw(b'{"status":200,"xml":"' + b" " * 17_000_000), "too long", False),
}


@pytest.mark.parametrize(("answer", "problem", "transient"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_every_refusal_says_what_to_do(answer, problem, transient, server, signer):
    server.answer = answer
    with pytest.raises(SigningFailed, match=problem) as caught:
        await signer.sign_document(ANSWER.encode())
    assert str(caught.value).startswith('signer "clinic": ')
    assert caught.value.transient is transient


async def test_a_server_that_echoes_what_it_got_is_not_quoted(server, signer, caplog):
    async def echo(asked):
        return web.json_response({"status": 400, "message": f"Key reading error: {asked}"}, status=400)

    server.answer = echo
    with caplog.at_level(logging.DEBUG), pytest.raises(SigningFailed) as caught:
        await signer.sign_document(ANSWER.encode())
    key = server.requests[0]["key"]
    for text in (repr(caught.value), str(caught.value), repr(signer), repr(vars(signer)), caplog.text):
        assert PASSWORD not in text
        assert key[:40] not in text
        assert "ТҰМАР" not in text


async def test_a_server_that_hangs_up(server, signer):
    async def hang_up(_):
        server.connection.abort()
        return web.Response()

    server.answer = hang_up
    with pytest.raises(SigningFailed, match=r"no answer from NCANode: 127\.0\.0\.1:") as caught:
        await signer.sign_document(ANSWER.encode())
    assert caught.value.transient


async def test_no_server(settings):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    signer = loaded_ncanode(settings(f"http://127.0.0.1:{port}"))
    with pytest.raises(SigningFailed, match="no connection") as caught:
        await signer.sign_document(ANSWER.encode())
    assert caught.value.transient


async def test_a_server_that_does_not_answer_in_time(settings):
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(SigningFailed, match="no complete answer arrived in time") as caught:
            await loaded_ncanode(settings(url, timeout=0.3)).sign_document(ANSWER.encode())
    assert caught.value.transient


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b"<a", "not well-formed"),
        (b"<a/>", "not a SOAP envelope"),
        (ANSWER.replace("<S:Header/>", "<S:Header> </S:Header>").encode(), "absent or empty"),
    ],
)
async def test_what_the_server_could_not_sign_is_not_sent(document, problem, server, signer):
    with pytest.raises(SigningFailed, match=problem) as caught:
        await signer.sign_document(document)
    assert not caught.value.transient
    assert server.requests == []


async def test_a_signature_by_another_key_than_the_certificate_in_it_is_not_sent(server, signer):
    async def wrong(asked):
        signed = signed_by_xmlsec(CLINIC, asked["xml"])
        other = signed_by_xmlsec(issue("Other"), asked["xml"])
        value = re.compile(rb"(?s)<(\w+:)?SignatureValue>.*?</(\w+:)?SignatureValue>")
        mixed = value.sub(lambda _: value.search(other)[0], signed)
        return web.json_response({"status": 200, "message": "OK", "xml": mixed.decode()})

    server.answer = wrong
    with pytest.raises(SigningFailed, match="does not belong to the certificate in it") as caught:
        await signer.sign_document(ANSWER.encode())
    assert not caught.value.transient


async def test_several_at_once(server, signer):
    import asyncio

    documents = await asyncio.gather(*(signer.sign_document(ANSWER.encode()) for _ in range(8)))
    assert len(server.requests) == 8
    assert all(b"SignatureValue" in one for one in documents)


def test_all_problems_of_the_files(settings, tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        loaded_ncanode(settings("http://localhost", file=tmp_path / "none.p12"))
    assert "none.p12 cannot be read" in str(caught.value)
    (tmp_path / "text.p12").write_text("text")
    with pytest.raises(ConfigurationError, match=r"text\.p12 is not a PKCS#12 file"):
        loaded_ncanode(settings("http://localhost", file=tmp_path / "text.p12"))
    (tmp_path / "store.p12").write_bytes(b"\xfe\xed\xfe\xed\0")
    with pytest.raises(ConfigurationError, match=r"store\.p12 is not a PKCS#12 file: it is a Java key store"):
        loaded_ncanode(settings("http://localhost", file=tmp_path / "store.p12"))
    (tmp_path / "latin").write_bytes(b"\xe9")
    with pytest.raises(ConfigurationError, match="not text in UTF-8"):
        loaded_ncanode(settings("http://localhost", password=None, password_file=tmp_path / "latin"))
    with pytest.raises(ConfigurationError, match="CA file"):
        loaded_ncanode(settings("https://localhost", ca_file=tmp_path / "text.p12"))


def test_plain_http_to_another_machine_is_reported_at_start(settings, caplog):
    loaded_ncanode(settings("http://ncanode.internal", allow_plain_http=True))
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "the key and its password go to NCANode over plain http"
    ]


def test_the_registry_has_it_among_the_documents(settings):
    signers = load_signers({"clinic": settings("http://localhost:14579")}, clock=lambda: NOW)
    assert (list(signers.documents), dict(signers.keys), dict(signers.problems)) == (["clinic"], {}, {})
    assert signers.documents["clinic"].name == "clinic"
