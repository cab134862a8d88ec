"""The probes of a worker: what they say, and waiting until it is ready."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.worker.plain_http import plain_client

READY_SECONDS = 40.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Probe:
    """The answer of one of the probes."""

    status: int
    said: dict[str, Any]

    def warned(self, kind: str, signer: str | None = None) -> str | None:
        """Return the reason of the first warning of a kind, for all of a system or for a signer, or None."""
        found = (one for one in self.said.get("warnings", []) if one["kind"] == kind)
        return next((one["reason"] for one in found if one.get("signer") == signer), None)

    @property
    def kinds(self) -> set[str]:
        """The kinds of the warnings."""
        return {one["kind"] for one in self.said.get("warnings", [])}


async def probe(address: tuple[str, int], path: str) -> Probe:
    """Ask a worker's probe. Raises httpx.HTTPError where nobody listens."""
    async with plain_client(5) as client:
        return await _ask(client, address, path)


async def _ask(client: httpx.AsyncClient, address: tuple[str, int], path: str) -> Probe:
    answer = await client.get(f"http://{address[0]}:{address[1]}{path}")
    return Probe(answer.status_code, answer.json())


async def ready(
    address: tuple[str, int], seconds: float = READY_SECONDS, ended: Callable[[], bool] = lambda: False
) -> None:
    """Wait until a worker is ready. Raises AssertionError with what it waits for, at once where it ``ended``."""
    end = time.monotonic() + seconds
    last: object = None
    async with plain_client(5) as client:
        while time.monotonic() < end and not ended():
            try:
                last = await _ask(client, address, "/readyz")
                if last.status == 200:
                    return
            except httpx.HTTPError as error:
                last = error
            await asyncio.sleep(POLL_SECONDS)
    raise AssertionError(f"not ready within {seconds} s: {last!r}")
