"""One address for all receivers, as a load balancer gives it: each connection goes to one that serves, in turn.

No connection lives long: otherwise a caller that keeps its connection would meet one receiver alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count

CHUNK = 65_536
LIFE_SECONDS = 3.0
"""Longer than a receiver takes to answer: a call that is cut off is one that met a fault."""


class Balancer:
    """Passes bytes on. A receiver that is frozen gets its share: nobody has noticed yet."""

    def __init__(self, ports: Callable[[], Sequence[int]]) -> None:
        self._ports = ports
        self._turns = count()

    @asynccontextmanager
    async def listening(self, port: int) -> AsyncIterator[None]:
        """Listen while the block runs."""
        async with await asyncio.start_server(self._serve, "127.0.0.1", port):
            yield

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if ports := self._ports():
                port = ports[next(self._turns) % len(ports)]
                there, onward = await asyncio.open_connection("127.0.0.1", port)
                try:
                    async with asyncio.timeout(LIFE_SECONDS):
                        await asyncio.gather(_pass(reader, onward), _pass(there, writer))
                finally:
                    onward.close()
        except OSError:
            pass  # the receiver is gone, or the time is over: the caller sees a closed connection
        finally:
            writer.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
    writer.close()
