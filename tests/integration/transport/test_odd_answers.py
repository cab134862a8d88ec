"""Answers that other clients read, to the byte, and exceptions that no library documents."""

import asyncio
import gzip
import zlib
from pathlib import Path

import aiohttp
import pytest

from worker.transport import client as client_module
from worker.transport import httpx_client
from worker.transport.connections import AskedConnector
from worker.transport.port import DeliveryError, SendGuard

SECRET = "8001010000"
OK = b"<ok/>"


def says(answer):
    def script(connection):
        if connection.read_request():
            connection.sock.sendall(answer)
            connection.wait_for_close()

    return script


def whole(*headers, body=OK, status=b"HTTP/1.1 200 OK"):
    return b"\r\n".join([status, *headers, b"Content-Length: %d" % len(body), b"", body])


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n"
TWO = gzip.compress(b"<ok") + gzip.compress(b"/>")
RAW = zlib.compressobj(wbits=-15)
RAW = RAW.compress(OK) + RAW.flush()
READ = {
    "coding none": whole(b"Content-Encoding: none"),
    "coding UTF-8": whole(b"Content-Encoding: UTF-8"),
    "no coding at all": whole(b"Content-Encoding:"),
    "two header fields": whole(b"Content-Encoding: identity", b"Content-Encoding: gzip", body=TWO),
    "two gzip members": whole(b"Content-Encoding: gzip", body=TWO),
    "zlib": whole(b"Content-Encoding: deflate", body=zlib.compress(OK)),
    "raw deflate": whole(b"Content-Encoding: deflate", body=RAW),
    "a header of 9000 bytes": whole(b"Content-Security-Policy: " + b"a" * 9000),
    "a header of 60000 bytes": whole(b"Set-Cookie: a=" + b"a" * 60_000),
    "200 headers": whole(*(b"X-%d: %s" % (n, b"b" * 100) for n in range(200))),
    "a phrase in UTF-8": whole(status="HTTP/1.1 200 ОК, прието".encode()),
    "a phrase in windows-1251": whole(status="HTTP/1.1 200 ОК, прието".encode("cp1251")),
    "a phrase of odd bytes": whole(status=b"HTTP/1.1 200 \xff\xfe\x80\x81"),
    "a phrase of 9000 bytes": whole(status=b"HTTP/1.1 200 " + b"O" * 9000),
    "no phrase": whole(status=b"HTTP/1.1 200 "),
    "no phrase and no space": whole(status=b"HTTP/1.1 200"),
    "a header value in windows-1251": whole("X-Server: сървър".encode("cp1251")),
    "a cookie of odd bytes": whole(b"Set-Cookie: \xff\xfe=\x80; Expires=never; Max-Age=x"),
    "an odd content type": whole(b"Content-Type: ;;;=\xff"),
    "zeros after gzip": whole(b"Content-Encoding: gzip", body=gzip.compress(OK) + b"\0\r\n"),
    "a line feed after a chunk": CHUNKED + b"5\r\n<ok/>\n0\r\n\r\n",
    "identity before chunks": CHUNKED.replace(b"chunked", b"identity, chunked") + b"5\r\n<ok/>\r\n0\r\n\r\n",
    "headers that end with line feeds": b"HTTP/1.1 200 OK\nContent-Length: 5\n\n<ok/>",
    "a header of two lines": whole(b"X-One: a\r\n b"),
    "a redirect to nowhere": whole(b"Location: http://[::::/\xff", status=b"HTTP/1.1 302 \xcf\xf0\xe5"),
    "a redirect without a place": whole(status=b"HTTP/1.1 302 Found"),
}


@pytest.mark.parametrize("name", READ)
async def test_is_read(name, clients, serve):
    answer = await clients().plain().request("POST", serve(says(READ[name])).url, headers={}, content=b"x")
    assert (answer.status, answer.body) == (302 if "redirect" in name else 200, OK)


CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("case", sorted(CASES.glob("*.http")), ids=lambda case: case.stem)
async def test_answers_from_the_field_are_read(case, clients, serve):
    answer = await clients().plain().request("POST", serve(says(case.read_bytes())).url, headers={})
    assert (answer.status, answer.body) == (200, OK)


@pytest.mark.parametrize("field", [b"", b"Transfer-Encoding: identity\r\n"])
async def test_an_answer_without_a_length_ends_with_its_connection(field, clients, serve):
    def script(connection):
        connection.read_request()
        connection.sock.sendall(b"HTTP/1.1 200 OK\r\n" + field + b"\r\n" + OK)

    answer = await clients().plain().request("POST", serve(script).url, headers={}, content=b"x")
    assert answer.body == OK


BROKEN = {
    "bytes after gzip": whole(b"Content-Encoding: gzip", body=gzip.compress(OK) + b"x"),
    "a body with 204": NO_CONTENT + b"Content-Length: 5\r\n\r\n<ok/>",
    "chunks with 204": NO_CONTENT + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<ok/>\r\n0\r\n\r\n",
    "a space before the colon of a length": b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n<ok/>",
    "a space before the colon of chunks": CHUNKED.replace(b":", b" :") + b"5\r\n<ok/>\r\n0\r\n\r\n",
    "a space before another colon": whole(b"X-A : b"),
    "a header's name with a space": whole(b"X A: b"),
    "a header's name that is no token": whole(b"X(A): b"),
    "a line without a colon": whole(b"XA"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_leaves_the_outcome_unknown(name, clients, serve):
    with pytest.raises(DeliveryError) as caught:
        await clients().plain().request("POST", serve(says(BROKEN[name])).url, headers={}, content=b"x")
    assert (caught.value.reason, caught.value.sent) == ("answer-broken", True)


TOO_MUCH = {
    "one header": whole(b"A: " + b"a" * 70_000),
    "all together": whole(*(b"X-%d: %s" % (n, b"b" * 5000) for n in range(20))),
    "too many": whole(*(b"X-%d: b" % n for n in range(400))),
    "the phrase": whole(status=b"HTTP/1.1 200 " + b"O" * 70_000),
}


@pytest.mark.parametrize("name", TOO_MUCH)
async def test_headers_are_bounded(name, clients, serve):
    with pytest.raises(DeliveryError) as caught:
        await clients().plain().request("POST", serve(says(TOO_MUCH[name])).url, headers={})
    assert (caught.value.reason, caught.value.sent) == ("answer-broken", True)


# Exceptions that nobody foresaw

UNFORESEEN = [
    ValueError(SECRET),
    TypeError(SECRET),
    KeyError(SECRET),
    IndexError(SECRET),
    AttributeError(SECRET),
    AssertionError(SECRET),
    RuntimeError(SECRET),
    RecursionError(SECRET),
    NotImplementedError(SECRET),
    UnicodeEncodeError("utf-8", SECRET + "\udcff", 0, 1, SECRET),
    asyncio.InvalidStateError(SECRET),
    EOFError(SECRET),
    aiohttp.http_exceptions.BadStatusLine(SECRET),
    ExceptionGroup(SECRET, [ValueError(SECRET)]),
]
EACH = pytest.mark.parametrize("error", UNFORESEEN, ids=lambda error: type(error).__name__)


async def fails(client, url):
    guard = SendGuard(lambda: True)
    with pytest.raises(DeliveryError) as caught:
        await client.request("POST", url, headers={}, content=b"x", guard=guard)
    assert SECRET not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)
    assert guard.sent is caught.value.sent
    return caught.value.reason, caught.value.sent


@EACH
async def test_before_the_first_byte(error, clients, serve, monkeypatch):
    async def raise_it(*_args, **_kwargs):
        raise error

    monkeypatch.setattr(AskedConnector, "connect", raise_it)
    peer = serve(says(whole()))
    assert await fails(clients().plain(), peer.url) == ("defect", False)
    assert peer.connections == 0


@EACH
async def test_when_the_headers_have_come(error, clients, serve, monkeypatch):
    real = aiohttp.ClientResponse.start

    async def answer_badly(self, connection):
        await real(self, connection)
        raise error

    monkeypatch.setattr(aiohttp.ClientResponse, "start", answer_badly)
    peer = serve(says(whole()))
    assert await fails(clients().plain(), peer.url) == ("answer-broken", True)
    assert len(peer.requests) == 1


@EACH
async def test_within_the_body(error, clients, serve, monkeypatch):
    async def break_down(*_args):
        raise error

    monkeypatch.setattr(client_module, "read_whole", break_down)
    monkeypatch.setattr(httpx_client, "read_bounded", break_down)
    assert await fails(clients().plain(), serve(says(whole())).url) == ("answer-broken", True)


@EACH
async def test_a_bad_close_takes_nothing_from_a_whole_answer(error, clients, serve, monkeypatch):
    async def close_badly(_self):
        raise error

    monkeypatch.setattr(aiohttp.ClientResponse, "wait_for_close", close_badly)
    answer = await clients().plain().request("POST", serve(says(whole())).url, headers={}, reuse=False)
    assert answer.body == OK


async def test_a_guard_that_fails_lets_nothing_leave(clients, serve):
    def permitted():
        raise ValueError(SECRET)

    peer = serve(says(whole()))
    with pytest.raises(DeliveryError) as caught:
        await clients().plain().request("POST", peer.url, headers={}, guard=SendGuard(permitted))
    assert (caught.value.reason, caught.value.sent) == ("defect", False)
    assert peer.requests == []


@pytest.mark.parametrize(
    "url",
    [
        f"https://127.0.0.1:99999/{SECRET}",
        f"https://127.0.0.1:x/{SECRET}",
        f"https://[::::/{SECRET}",
        f"https:///{SECRET}",
    ],
)
async def test_an_address_that_is_none_was_not_sent(url, clients):
    assert await fails(clients().plain(), url) == ("defect", False)


@pytest.mark.parametrize("value", [f"{SECRET} \ud800", f"{SECRET}\r\nx: y", f"{SECRET}\x00"])
async def test_a_head_that_cannot_be_written_was_not_sent(value, clients, serve):
    peer = serve(says(whole()))
    with pytest.raises(DeliveryError) as caught:
        await clients().plain().request("POST", peer.url, headers={"x": value})
    assert (caught.value.reason, caught.value.sent) == ("defect", False)
    assert SECRET not in str(caught.value)
    assert peer.connections == 0
