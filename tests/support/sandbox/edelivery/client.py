"""A client of the ESB over real TLS, for tests of the sandbox: it gets tokens and sends requests as a test says."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass

import aiohttp


@dataclass(frozen=True)
class Came:
    """What came back."""

    status: int
    content_type: str
    content: bytes

    def json(self):
        return json.loads(self.content)


class Client:
    """One certificate at both ports; None shows none."""

    def __init__(self, sandbox, name="hospital") -> None:
        self._sandbox = sandbox
        self._files = None if name is None else sandbox.clients[name]
        self._tokens: dict[str, str] = {}

    async def __aenter__(self):
        context = ssl.create_default_context(cafile=str(self._sandbox.ca_file))
        if self._files is not None:
            context.load_cert_chain(self._files.certificate_file, self._files.key_file)
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))
        return self

    async def __aexit__(self, *_):
        await self._session.close()

    async def ask_token(self, scope="/ed2*", *, form=False, **headers):
        """Return the answer to a request for a token."""
        given = {
            "grant_type": "client_credentials",
            "client_id": "unknown" if self._files is None else self._files.client.client_id,
            "scope": scope,
        }
        where = {"data": given} if form else {"params": given}
        return await self.send("POST", "/token", base=self._sandbox.token_url, headers=headers, **where)

    async def token(self, scope="/ed2*"):
        if scope not in self._tokens:
            self._tokens[scope] = (await self.ask_token(scope)).json()["access_token"]
        return self._tokens[scope]

    async def call(self, method, path, **options):
        """Send a request through the gateway with a token for its prefix."""
        token = await self.token(f"/{path.split('/')[1]}*")
        headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
        return await self.send(method, path, headers=headers, **options)

    async def send(self, method, path, *, base=None, **options):
        async with self._session.request(method, (base or self._sandbox.url) + path, **options) as answer:
            return Came(answer.status, answer.content_type, await answer.read())

    async def chunks(self, url):
        """Return the parts of a file, its status and its Content-Length."""
        async with self._session.get(url) as answer:
            return answer.status, answer.content_length, [part async for part in answer.content.iter_any()]

    async def control(self, method, name, body=None, *, base=None):
        return (await self.send(method, f"/_sandbox/{name}", base=base, json=body)).json()

    async def letter(self, **changes):
        """Send a letter to an invented citizen."""
        content = {
            "recipientProfileIds": [201],
            "subject": "тема",
            "rnu": "rnu-1",
            "templateId": 1,
            "fields": {},
        }
        return await self.call("POST", "/ed2/api/messages", json=content | changes)
