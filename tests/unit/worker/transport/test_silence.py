"""The bound of a server's silence: counted from the last sign of it, by one timer for all exchanges of a connection."""

from __future__ import annotations

import asyncio
import time

import pytest
from aiohttp import SocketTimeoutError

from worker.transport.silence import BoundedSilence

SECONDS = 10.0
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Loop:
    """Timers that run when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[asyncio.TimerHandle] = []
        self._real = asyncio.get_running_loop()

    def time(self):
        return self.now

    def call_later(self, seconds, callback):
        return self.call_at(self.now + seconds, callback)

    def call_at(self, when, callback):
        self.timers.append(asyncio.TimerHandle(when, callback, (), self._real))
        return self.timers[-1]

    def create_future(self):
        return self._real.create_future()

    @property
    def running(self):
        return [one for one in self.timers if not one.cancelled()]

    def pass_by(self, seconds):
        self.now += seconds
        for timer in [one for one in self.running if one.when() <= self.now]:
            self.timers.remove(timer)
            timer._run()


@pytest.fixture
async def loop():
    return Loop()


@pytest.fixture
def connection(loop):
    return BoundedSilence(loop)


def ask(connection):
    connection.set_response_params(read_timeout=SECONDS, read_until_eof=True)
    connection.start_timeout()


async def test_a_server_that_says_nothing_is_waited_for_as_long_as_the_bound(loop, connection):
    ask(connection)
    loop.pass_by(SECONDS - 0.1)
    assert connection.exception() is None
    loop.pass_by(0.1)
    assert isinstance(connection.exception(), SocketTimeoutError)
    assert loop.running == []


async def test_each_piece_of_an_answer_begins_the_time_anew(loop, connection):
    ask(connection)
    loop.pass_by(SECONDS - 1)
    connection.data_received(ANSWER[:-1])
    loop.pass_by(SECONDS - 1)
    assert connection.exception() is None
    loop.pass_by(1)
    assert isinstance(connection.exception(), SocketTimeoutError)


async def test_no_time_runs_between_an_answer_and_the_next_request(loop, connection):
    ask(connection)
    connection.data_received(ANSWER)
    loop.pass_by(10 * SECONDS)
    assert connection.exception() is None
    assert loop.running == []


async def test_the_next_request_has_all_its_time(loop, connection):
    ask(connection)
    connection.data_received(ANSWER)
    loop.pass_by(SECONDS - 1)
    ask(connection)
    loop.pass_by(SECONDS - 0.1)
    assert connection.exception() is None
    loop.pass_by(0.1)
    assert isinstance(connection.exception(), SocketTimeoutError)


async def test_many_exchanges_have_one_timer(loop, connection):
    for _ in range(20):
        ask(connection)
        connection.data_received(ANSWER)
    assert len(loop.timers) == 1


@pytest.mark.parametrize("answered", [False, True])
async def test_a_connection_that_ends_leaves_no_timer(loop, connection, answered):
    ask(connection)
    if answered:
        connection.data_received(ANSWER)
    connection.connection_lost(None)
    assert loop.running == []


async def test_without_a_bound_there_is_no_timer(loop, connection):
    connection.set_response_params(read_timeout=None, read_until_eof=True)
    connection.start_timeout()
    assert loop.timers == []


async def test_a_real_loop_runs_it():
    connection = BoundedSilence(asyncio.get_running_loop())
    connection.set_response_params(read_timeout=0.05, read_until_eof=True)
    connection.start_timeout()
    began = time.monotonic()
    with pytest.raises(SocketTimeoutError):
        await connection.read()
    assert time.monotonic() - began >= 0.05
