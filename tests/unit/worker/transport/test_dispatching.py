"""Which client sends what, and that both are renewed and closed."""

import ssl

import pytest

from worker.transport import dispatching
from worker.transport.dispatching import DispatchingClient
from worker.transport.port import Answer, Handshake, SendGuard, Sink, Streamed
from worker.transport.settings import TransportSettings

CONTEXT, RENEWED = ssl.create_default_context(), ssl.create_default_context()
GUARD = SendGuard(lambda: True)


async def pieces():
    yield b"abc"


async def write(body):
    pytest.fail("nothing is received here")


class Recording:
    def __init__(self, settings, context, *, plain_http):
        self.made_with, self.requests, self.closed = (settings, context, plain_http), [], False
        self.context = context

    async def request(self, method, url, **given):
        self.requests.append((method, url, given))
        return Answer(200, {}, b"")

    async def handshake(self, url):
        return Handshake(url)

    def renew(self, context):
        self.context = context

    async def aclose(self):
        self.closed = True


@pytest.fixture
def both(monkeypatch):
    """Return by name what stands for the two clients, as they are made."""
    made = {}

    def stand_in(name):
        def make(*args, **options):
            made[name] = Recording(*args, **options)
            return made[name]

        monkeypatch.setattr(dispatching, name, make)

    stand_in("AiohttpBackedClient")
    stand_in("HttpxClient")
    return made


@pytest.mark.parametrize(
    ("given", "sender"),
    [
        ({}, "HttpxClient"),
        ({"content": b"x", "reuse": False}, "HttpxClient"),
        ({"guard": GUARD}, "AiohttpBackedClient"),
        ({"content": b"x", "guard": GUARD, "reuse": False}, "AiohttpBackedClient"),
        ({"content": Streamed(3, pieces)}, "AiohttpBackedClient"),
        ({"sink": Sink(write)}, "AiohttpBackedClient"),
    ],
    ids=["query", "token", "submission", "fresh-submission", "file-sent", "file-saved"],
)
async def test_submissions_and_files_go_by_the_cheap_client(given, sender, both):
    client = DispatchingClient(TransportSettings(), CONTEXT)
    await client.request("POST", "https://his.example/", headers={"x": "y"}, **given)
    whole = {"headers": {"x": "y"}, "content": b"", "reuse": True, "guard": None, "sink": None} | given
    assert both[sender].requests == [("POST", "https://his.example/", whole)]
    assert sum(len(one.requests) for one in both.values()) == 1


@pytest.mark.parametrize("plain_http", [False, True])
async def test_both_are_made_renewed_and_closed_alike(plain_http, both):
    settings = TransportSettings()
    client = DispatchingClient(settings, CONTEXT, plain_http=plain_http)
    assert [one.made_with for one in both.values()] == [(settings, CONTEXT, plain_http)] * 2
    client.renew(RENEWED)
    assert [one.context for one in both.values()] == [RENEWED] * 2
    assert (await client.handshake("his.example")).address == "his.example"
    await client.aclose()
    assert [one.closed for one in both.values()] == [True] * 2
