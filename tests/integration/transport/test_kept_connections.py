"""Connections that are kept for the next request, closed by the peer meanwhile, or waited for."""

import asyncio
import time

import pytest

from tests.support.transport.failures import reads, resets_unread, told
from worker.transport.port import DeliveryError


def answers_once_then(second):
    def script(connection):
        connection.read_request()
        connection.answer()
        second(connection)

    return script


@pytest.mark.parametrize("method", ["POST", "GET", "PUT"])
async def test_stale_connection_leaves_the_outcome_unknown_and_is_not_repeated(method, clients, serve):
    """The peer closes just as the second request comes. aiohttp would send GET and PUT again by itself."""
    peer = serve(answers_once_then(resets_unread))
    client = clients().plain()
    await client.request(method, peer.url, headers={})
    with pytest.raises(DeliveryError) as caught:
        await client.request(method, peer.url, headers={})
    assert told(caught.value) == ("connection-lost", True)
    assert (len(peer.requests), peer.connections) == (1, 1)


async def test_stale_connection_cannot_harm_a_fresh_one(clients, serve):
    peer = serve(answers_once_then(resets_unread))
    client = clients().plain()
    for _ in range(3):
        assert (await client.request("POST", peer.url, headers={}, reuse=False)).status == 200
    assert (len(peer.requests), peer.connections) == (3, 3)


async def test_waiting_too_long_for_a_connection_counts_as_unsent(clients, serve):
    peer = serve(reads)
    client = clients(max_connections=1, connect_timeout=0.5, answer_timeout=0.5, total_timeout=0.5).plain()
    requests = [client.request("POST", peer.url, headers={}) for _ in range(2)]
    first, second = await asyncio.gather(*requests, return_exceptions=True)
    assert told(first) == ("answer-timeout", True)
    assert told(second) == ("connect-timeout", False)
    assert len(peer.requests) == 1


async def test_waiting_for_a_connection_does_not_shorten_the_exchange(clients, serve):
    def slow(connection):
        while connection.read_request():
            time.sleep(0.5)
            connection.answer()

    peer = serve(slow)
    client = clients(max_connections=1, connect_timeout=0.5, answer_timeout=0.8, total_timeout=0.8).plain()
    answers = await asyncio.gather(*[client.request("POST", peer.url, headers={}) for _ in range(2)])
    assert [answer.status for answer in answers] == [200, 200]


async def test_there_are_never_more_connections_than_allowed(clients, serve):
    """However many wait: what came later must not take the connection for which another was woken."""

    def answers(connection):
        while connection.read_request():
            connection.answer()

    peer, client = serve(answers), clients(max_connections=4).plain()

    async def one_after_another():
        for _ in range(5):
            assert (await client.request("POST", peer.url, headers={})).status == 200

    await asyncio.gather(*(one_after_another() for _ in range(30)))
    assert (len(peer.requests), peer.connections) == (150, 4)
