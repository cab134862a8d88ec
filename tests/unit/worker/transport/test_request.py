import asyncio
from types import SimpleNamespace

import pytest
from aiohttp.client_proto import ResponseHandler

from worker.transport.request import SMALL, Request, address

WRITTEN = {
    "https://host": "/",
    "https://host?a=b": "/?a=b",
    "https://host/a%3Bb;c%2fd/..//e?q=%D0%B1%2C,&+": "/a%3Bb;c%2fd/..//e?q=%D0%B1%2C,&+",
    "https://host/a#part": "/a",
    "https://host/a b": "/a%20b",
    "https://host/ваксина": "/%D0%B2%D0%B0%D0%BA%D1%81%D0%B8%D0%BD%D0%B0",
}


@pytest.mark.parametrize(("url", "written"), WRITTEN.items())
def test_an_address_leaves_as_it_is_written(url, written):
    assert address(url).raw_path_qs == written


@pytest.mark.parametrize(
    "url", ["", "host/a", "https:///a", "https://h:99999/", "https://h:x/", "https://[::::/"]
)
def test_what_is_no_address(url):
    with pytest.raises(ValueError, match=r"."):
        address(url)


async def made(headers, content=b"", method="POST", *, reuse=True):
    loop = asyncio.get_running_loop()
    return Request(method, address("https://host:8443/a"), headers, content, reuse=reuse, loop=loop)


async def test_the_headers_are_heralds_and_those_that_are_given():
    request = await made({"accept": "text/xml", "X-One": "1"}, b"abc")
    assert dict(request.headers) == {
        "Host": "host:8443",
        "accept": "text/xml",
        "Accept-Encoding": "gzip",
        "Connection": "keep-alive",
        "User-Agent": "Herald",
        "X-One": "1",
        "Content-Length": "3",
        "Content-Type": "application/octet-stream",
    }
    assert (await made({}, reuse=False)).headers["connection"] == "close"


@pytest.mark.parametrize(("method", "length"), [("POST", "0"), ("PUT", "0"), ("DELETE", "0"), ("GET", None)])
async def test_the_length_of_no_content(method, length):
    assert (await made({}, method=method)).headers.get("content-length") == length


@pytest.mark.parametrize("value", ["a\r\nb: c", "a\nb", "a\x00", "a\x7f", "a\ud800", "ж\x1f"])
async def test_a_head_that_cannot_be_written(value):
    for headers in ({"x": value}, {value: "x"}):
        with pytest.raises(ValueError, match="a header has a character"):
            await made(headers)


@pytest.mark.parametrize("value", ["", "a\tb", "Ваксина", "\xa0"])
async def test_a_value_that_can_be_written(value):
    assert (await made({"x": value})).headers["x"] == value


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


async def sent(headers, content, *, paused=False):
    """Send over a pretended connection; return what was written when the sending was done, and a moment later."""
    protocol, wire = ResponseHandler(asyncio.get_running_loop()), Wire()
    protocol.connection_made(wire)
    if paused:
        protocol.pause_writing()
    response = await (await made(headers, content)).send(SimpleNamespace(protocol=protocol, close=bool))
    at_once = wire.written
    await asyncio.sleep(0.01)
    response.close()
    await asyncio.sleep(0)
    protocol.close()
    return at_once.partition(b"\r\n\r\n")[2], wire.written


HEAD = (
    b"POST /a HTTP/1.1\r\nHost: host:8443\r\nAccept: */*\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n"
    b"User-Agent: Herald\r\nContent-Length: %d\r\nContent-Type: application/octet-stream\r\n\r\n"
)


@pytest.mark.parametrize("size", [1, SMALL, SMALL + 1])
async def test_head_and_content_leave_together(size):
    content = bytes(size)
    at_once, written = await sent({}, content)
    assert written == HEAD % size + content
    if size <= SMALL:
        assert at_once == content


async def test_a_paused_connection_holds_up_nobody():
    async with asyncio.timeout(1):
        _, written = await sent({}, b"abc", paused=True)
    assert written.endswith(b"\r\n\r\nabc")


@pytest.mark.parametrize(
    ("header", "value", "body"),
    [
        ("expect", "100-continue", b""),  # it waits for the answer 100
        ("content-length", "2", b"ab"),
    ],
)
async def test_a_header_that_changes_how_the_content_is_sent(header, value, body):
    _, written = await sent({header: value}, b"abc")
    assert written.partition(b"\r\n\r\n")[2] == body
