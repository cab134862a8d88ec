"""Exchanges that fail, and what lets them: each script says what a peer does with a connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.transport.tls_peer import Connection
from worker.transport.port import DeliveryError

SECRET = "8001010000"
BODY = SECRET.encode()
FAST = {"connect_timeout": 0.4, "answer_timeout": 0.4, "total_timeout": 0.8}
CONNECTS = {"connect_timeout": 2, "answer_timeout": 0.4, "total_timeout": 2}
"""Where the connection is made, however slow the machine is."""
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<half"
"""The beginning of an answer."""


async def fail(
    clients: Callable[..., Any],
    url: str,
    *,
    method: str = "POST",
    content: bytes = BODY,
    reuse: bool = True,
    **settings: Any,
) -> DeliveryError:
    """Send, expect a DeliveryError and return it, once it is clear that it tells nothing of the message."""
    client = clients(**settings).plain()
    with pytest.raises(DeliveryError) as caught:
        await client.request(
            method, f"{url}/path/{SECRET}?q={SECRET}", headers={"x": SECRET}, content=content, reuse=reuse
        )
    error = caught.value
    assert SECRET not in str(error)
    assert error.__cause__ is None
    assert error.__suppress_context__
    return error


def told(error: DeliveryError) -> tuple[str, bool]:
    """Return what the caller goes by."""
    return error.reason, error.sent


def never(_connection: Connection) -> None:
    """Fail: no request may come this far."""
    pytest.fail("no request may come this far")


def reads(connection: Connection) -> None:
    """Read the request and answer nothing."""
    connection.read_request()
    connection.wait_for_close()


def resets_unread(connection: Connection) -> None:
    """Reset the connection while the request comes."""
    connection.wait_for_bytes()
    connection.reset()


def resets_after_reading(connection: Connection) -> None:
    """Reset the connection in place of an answer."""
    connection.read_request()
    connection.reset()


def closes_after_reading(connection: Connection) -> None:
    """Close the connection in place of an answer."""
    connection.read_request()


def starts_to_answer(sent: bytes, *, then: Callable[[Connection], None]) -> Callable[[Connection], None]:
    """Return a script that sends these bytes, and then does the other."""

    def script(connection: Connection) -> None:
        connection.read_request()
        connection.sock.sendall(sent)
        # The bytes go first: what follows must not overtake them in the client's buffers.
        time.sleep(0.1)
        then(connection)

    return script


def resets(connection: Connection) -> None:
    """Reset the connection."""
    connection.reset()


def waits(connection: Connection) -> None:
    """Wait for the client to close."""
    connection.wait_for_close()
