"""The answer to a scrape: the text format of Prometheus or OpenMetrics, as the request asks."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web
from prometheus_client.exposition import choose_encoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry

    from worker.observability.metrics.instruments import Instruments


class Exposition:
    """Answers scrapes of one worker's metrics, one after the other."""

    def __init__(self, instruments: Instruments) -> None:
        self._instruments = instruments
        self._one_at_a_time = asyncio.Lock()

    async def answer(self, request: web.Request) -> web.Response:
        """Read what is read at scrapes on the event loop, then write the text in a thread."""
        async with self._one_at_a_time:
            self._instruments.take_readings()
            encode, content_type = _encoder(request.headers.get("accept", ""))
            text = await asyncio.to_thread(encode, self._instruments.registry)
        return web.Response(body=text, headers={"content-type": content_type})


def _encoder(accept: str) -> tuple[Callable[[CollectorRegistry], bytes], str]:
    """Choose as the library does; where it cannot read what is accepted, the format that everybody reads."""
    try:
        return choose_encoder(accept)
    except (TypeError, ValueError):
        return choose_encoder("")
