"""What every system over HTTPS does alike: send what was prepared, and look for a sign of life."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.transport.port import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Container

    from worker.systems.port import Prepared
    from worker.transport.port import Answer, HttpClient, SendGuard


async def send(client: HttpClient, prepared: Prepared, guard: SendGuard) -> Answer:
    """Send once. Raises DeliveryError, SendRefused."""
    return await client.request(
        prepared.method,
        prepared.url,
        headers={**prepared.headers, **prepared.secret_headers},
        content=prepared.request,
        reuse=prepared.reuse,
        guard=guard,
    )


async def trouble(client: HttpClient, url: str, name: str, failures: Container[int]) -> str | None:
    """Ask for anything: a refusal is a sign of life too, a gateway's failure is none. None where all is well."""
    try:
        answer = await client.request("GET", url, headers={})
    except DeliveryError as error:
        return str(error)
    return f"{name} answers {answer.status}" if answer.status in failures else None
