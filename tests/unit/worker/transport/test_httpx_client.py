"""What httpx's client refuses before it connects."""

import ssl

import pytest

from worker.transport.httpx_client import HttpxClient
from worker.transport.port import SendGuard, Sink, Streamed
from worker.transport.settings import TransportSettings


async def pieces():
    yield b"abc"


async def write(body):
    pytest.fail("nothing was received")


@pytest.mark.parametrize(
    "file", [{"content": Streamed(3, pieces)}, {"sink": Sink(write)}], ids=["sent", "saved"]
)
async def test_files_are_refused_before_anything_is_sent(file):
    client = HttpxClient(TransportSettings(), ssl.create_default_context())
    guard = SendGuard(lambda: True)
    with pytest.raises(TypeError, match="bodies in memory"):
        await client.request("POST", "https://127.0.0.1:1/", headers={}, guard=guard, **file)
    assert guard.sent is False


@pytest.mark.parametrize(
    ("plain_http", "url", "refusal"),
    [
        (False, "http://127.0.0.1:1/", "only https addresses"),
        (True, "ftp://127.0.0.1:1/", "only https and http addresses"),
    ],
)
async def test_other_schemes_are_refused(plain_http, url, refusal):
    client = HttpxClient(TransportSettings(), ssl.create_default_context(), plain_http=plain_http)
    with pytest.raises(ValueError, match=refusal):
        await client.request("GET", url, headers={})
