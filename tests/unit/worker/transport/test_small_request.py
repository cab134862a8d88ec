"""Small contents leave at once, and to the byte as aiohttp itself would send them."""

import asyncio
import ssl
from types import SimpleNamespace

import pytest
from aiohttp.client_proto import ResponseHandler

from worker.transport.request import Request, address
from worker.transport.sending import Connections
from worker.transport.settings import TransportSettings
from worker.transport.small_request import SMALL, SmallRequest

TARGET = address("https://host:8443/a?b=%3B")


class Wire(asyncio.Transport):
    """Takes what is written."""

    def __init__(self):
        super().__init__()
        self.written = b""

    def write(self, data):
        self.written += data

    def is_closing(self):
        return False

    def close(self):
        pass


@pytest.fixture(params=[True, False], ids=["kept", "fresh"])
def connections(request):
    return Connections(TransportSettings(), ssl.create_default_context(), reuse=request.param)


async def sent(request, *, paused=False):
    """Send over a pretended connection; return what was written when the sending was done, and a moment later."""
    protocol, wire = ResponseHandler(asyncio.get_running_loop()), Wire()
    protocol.connection_made(wire)
    if paused:
        protocol.pause_writing()
    response = await request.send(SimpleNamespace(protocol=protocol, close=bool))
    at_once = wire.written
    await asyncio.sleep(0.01)
    response.close()
    await asyncio.sleep(0)
    protocol.close()
    return at_once, wire.written


def by_aiohttp(connections, headers, content, method="POST", target=TARGET):
    loop = asyncio.get_running_loop()
    return Request(method, target, headers, content, reuse=connections._reuse, loop=loop)


HEADERS = {
    "none": {},
    "of a message": {"Content-Type": "application/xml", "Authorization": "Bearer x", "X-Names": "Ваксина\t1"},
    "in place of Herald's": {"accept": "text/xml", "user-agent": "other", "connection": "close"},
    "encoded": {"Content-Encoding": "gzip"},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("method", ["POST", "put", "GET", "DELETE", "HEAD"])
@pytest.mark.parametrize("size", [1, SMALL])
async def test_it_leaves_at_once_and_as_aiohttp_sends_it(connections, headers, method, size):
    content = bytes(size)
    _, expected = await sent(by_aiohttp(connections, headers, content, method))
    assert expected.startswith(f"{method.upper()} /a?b=%3B HTTP/1.1\r\nHost: host:8443\r\n".encode())
    for _ in range(2):  # the second one by what is known from the first
        request = connections.request(method, TARGET, headers, content)
        assert isinstance(request, SmallRequest)
        assert await sent(request) == (expected, expected)


async def test_one_request_leaves_nothing_in_the_next(connections):
    connections.request("POST", TARGET, {"X-One": "1", "Accept": "text/xml"}, b"abc")
    _, written = await sent(connections.request("POST", TARGET, {}, b"d"))
    assert written == (await sent(by_aiohttp(connections, {}, b"d")))[1]


async def test_each_address_and_method_is_its_own(connections):
    other = address("https://host:8443/other")
    for method, target in [("POST", TARGET), ("PUT", TARGET), ("POST", other)]:
        _, written = await sent(connections.request(method, target, {}, b"abc"))
        assert written == (await sent(by_aiohttp(connections, {}, b"abc", method, target)))[1]


async def test_a_paused_connection_holds_up_nobody(connections):
    async with asyncio.timeout(1):
        _, written = await sent(connections.request("POST", TARGET, {"X": "1"}, b"abc"), paused=True)
    assert written == (await sent(by_aiohttp(connections, {"X": "1"}, b"abc")))[1]


@pytest.mark.parametrize(
    ("header", "value"),
    [("Expect", "100-continue"), ("content-length", "2"), ("Host", "other"), ("TRANSFER-ENCODING", "gzip")],
)
async def test_a_header_that_changes_how_it_is_sent_is_aiohttps(connections, header, value):
    assert isinstance(connections.request("POST", TARGET, {header: value}, b"abc"), Request)


@pytest.mark.parametrize(
    ("header", "value", "body"),
    [
        ("expect", "100-continue", b""),  # it waits for the answer 100
        ("content-length", "2", b"ab"),
    ],
)
async def test_the_content_is_sent_as_such_a_header_says(connections, header, value, body):
    _, written = await sent(connections.request("POST", TARGET, {header: value}, b"abc"))
    assert written.partition(b"\r\n\r\n")[2] == body


@pytest.mark.parametrize("size", [0, SMALL + 1])
async def test_nothing_and_much_are_aiohttps(connections, size):
    assert isinstance(connections.request("POST", TARGET, {}, bytes(size)), Request)


async def test_an_address_with_a_password_is_aiohttps(connections):
    target = address("https://user:password@host/a")
    assert isinstance(connections.request("POST", target, {}, b"abc"), Request)


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\x00", "ж\x1f"])
async def test_a_head_that_cannot_be_written(connections, value):
    for headers in ({"x": value}, {value: "x"}):
        with pytest.raises(ValueError, match="a header has a character"):
            connections.request("POST", TARGET, headers, b"abc")
