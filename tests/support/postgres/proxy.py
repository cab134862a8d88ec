"""A proxy before PostgreSQL that drops data when a test says so, such as the answer to a COMMIT."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeAlias

_COMMIT = b"COMMIT;"
_End: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class PgProxy:
    """Passes bytes between Unix sockets. ``lose_commits`` counts down: each loses its connection after it worked."""

    def __init__(self, server_folder: Path) -> None:
        self.lose_commits = 0
        self.commits = 0
        self.hang = False
        """Drop all that clients send, as a network does that loses packets."""
        self._server = str(server_folder / ".s.PGSQL.5432")
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self, folder: Path) -> AsyncIterator[None]:
        """Listen in a folder, as PostgreSQL would."""
        server = await asyncio.start_unix_server(self._serve, str(folder / ".s.PGSQL.5432"))
        try:
            yield
        finally:
            await asyncio.sleep(0.01)  # asyncio leaks a socket that it accepted just before its server closed
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.sleep(0)  # what was aborted closes its socket in the loop's next turn

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            server_reader, server_writer = await asyncio.open_unix_connection(self._server)
            try:
                await self._pass_both_ways((reader, writer), (server_reader, server_writer))
            finally:
                await _close(server_writer)
        except OSError:
            pass  # one end closed or could not be reached: close the other too
        finally:
            await _close(writer)

    async def _pass_both_ways(self, client: _End, server: _End) -> None:
        answers = asyncio.create_task(self._pass_answers(server[0], client[1]))
        try:
            await self._pass_questions(client[0], *server, answers)
        finally:
            answers.cancel()

    async def _pass_questions(
        self,
        reader: asyncio.StreamReader,
        server_reader: asyncio.StreamReader,
        server_writer: asyncio.StreamWriter,
        answers: asyncio.Task[None],
    ) -> None:
        while data := await reader.read(65536):
            if self.hang:
                continue
            commit = _COMMIT in data
            self.commits += commit
            if commit and self.lose_commits > 0:
                self.lose_commits -= 1
                answers.cancel()
                with suppress(asyncio.CancelledError):
                    await answers
                server_writer.write(data)
                await server_reader.read(1)  # the server has committed; the client never gets the answer
                return
            server_writer.write(data)

    async def _pass_answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()


async def _close(writer: asyncio.StreamWriter) -> None:
    """Close an end; one that takes no more bytes, as a server that stands still, would never be closed otherwise."""
    writer.close()
    try:
        with suppress(ConnectionError):
            await writer.wait_closed()
    except asyncio.CancelledError:
        writer.transport.abort()
        raise
