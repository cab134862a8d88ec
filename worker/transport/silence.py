"""How long a server may be silent within an exchange, with one timer for all exchanges of a connection.

aiohttp makes and cancels two timers an exchange, which takes longer than reading the head of the answer. It does so in
private methods (`_reschedule_timeout`, `_drop_timeout`, `_on_read_timeout`), so only this module touches them;
tests/unit/worker/transport/test_silence.py fails where the installed version no longer calls them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp.client_proto import ResponseHandler

if TYPE_CHECKING:
    import asyncio


class BoundedSilence(ResponseHandler):
    """A connection whose timer runs on from answer to answer. All its requests have the same bound."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._silent_since: float | None = None

    def connection_lost(self, exc: BaseException | None) -> None:
        """End the timer, which would hold the connection in memory."""
        super().connection_lost(exc)
        if self._read_timeout_handle is not None:
            self._read_timeout_handle.cancel()
            self._read_timeout_handle = None

    def _reschedule_timeout(self) -> None:
        self._silent_since = self._loop.time()
        if self._read_timeout_handle is None and self._read_timeout is not None:
            self._read_timeout_handle = self._loop.call_later(self._read_timeout, self._on_read_timeout)

    def _drop_timeout(self) -> None:
        self._silent_since = None

    def _on_read_timeout(self) -> None:
        """End the exchange where the silence has its length, else come again when it may have it."""
        self._read_timeout_handle = None
        if self._silent_since is None or self._read_timeout is None:
            return
        ends = self._silent_since + self._read_timeout
        if ends > self._loop.time():
            self._read_timeout_handle = self._loop.call_at(ends, self._on_read_timeout)
        else:
            super()._on_read_timeout()
