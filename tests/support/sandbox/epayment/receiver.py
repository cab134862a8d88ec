"""A small receiver of callbacks, for tests of the sandbox: it keeps what came, and answers as it is told."""

from __future__ import annotations

import asyncio
import base64
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from aiohttp import web

from tests.support.sandbox.epayment.calls import signed


@dataclass(frozen=True)
class Callback:
    """One callback as it came."""

    fields: dict[str, str]
    headers: dict[str, str]
    raw: str = field(repr=False)

    @property
    def content(self):
        """The JSON in its Data."""
        return json.loads(base64.b64decode(self.fields["Data"]))

    def genuine(self, secret: str) -> bool:
        """Whether its HMAC is that of its data under the secret."""
        return self.fields.get("Hmac") == signed(secret, self.fields["Data"])


class Receiver:
    """Listens on loopback. ``answers`` are given in order, as (status, body), the last one for ever."""

    def __init__(self) -> None:
        self.came: list[Callback] = []
        self.answers = [(200, '{"success": true}')]
        self.delay = 0.0
        self.together = self.most_together = 0

    async def __aenter__(self):
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/secret/callback", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site.port}/secret/callback"
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        raw = await request.text()
        self.came.append(Callback(dict(parse_qsl(raw, keep_blank_values=True)), dict(request.headers), raw))
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await asyncio.sleep(self.delay)
        self.together -= 1
        return web.Response(status=status, text=body, content_type="application/json")
