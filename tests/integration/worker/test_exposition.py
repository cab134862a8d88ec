"""The answer to a scrape, whatever the request accepts."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from worker.observability.health import HealthProbes
from worker.observability.metrics import declared
from worker.observability.metrics.exposition import Exposition
from worker.observability.metrics.instruments import Instruments

PLAIN, OPEN = "text/plain; version=0.0.4", "application/openmetrics-text; version=1.0.0"


@pytest.fixture
async def address():
    instruments = Instruments()
    instruments.read(lambda: [(declared.READY, (), True)])
    health = HealthProbes("127.0.0.1", 0)
    health.add_page("/metrics", Exposition(instruments).answer)
    await health.start()
    host, port = health.address
    yield f"http://{host}:{port}/metrics"
    await health.stop()


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        (None, PLAIN),
        ("*/*", PLAIN),
        ("text/plain", PLAIN),
        ("application/openmetrics-text", OPEN),
        ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", OPEN),
        # What no client should send, and what may come all the same.
        ("application/openmetrics-text;version=abc", PLAIN),
        ("application/openmetrics-text;version=1.0.0;" * 100, OPEN),
        ("text/html", PLAIN),
        ("", PLAIN),
    ],
)
async def test_the_format_is_what_the_request_accepts_or_the_one_that_everybody_reads(
    address, accept, answered
):
    headers = {} if accept is None else {"accept": accept}
    async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as answer:
        text = await answer.text()
        assert (answer.status, answer.headers["content-type"][: len(answered)]) == (200, answered)
    assert "herald_ready 1.0" in text
    assert text.endswith("# EOF\n") == (answered is OPEN)


async def test_many_scrapes_at_once_are_all_answered(address):
    async with aiohttp.ClientSession() as session:

        async def one() -> int:
            async with session.get(address) as answer:
                return answer.status

        assert set(await asyncio.gather(*(one() for _ in range(50)))) == {200}
