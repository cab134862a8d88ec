import asyncio

import pytest

from worker.transport.request import Request, address

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
