"""How far one request has come, and how long it may still take: what aiohttp's trace reports, the deadline follows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp

from worker.transport.failures import Stage
from worker.transport.port import SendRefused

if TYPE_CHECKING:
    import httpx

    from worker.transport.port import SendGuard
    from worker.transport.settings import TransportSettings


class SentAgain(aiohttp.ClientError):
    """aiohttp was about to repeat a request automatically, as it does with GET on a stale connection."""


class StoppedBeforeSending(aiohttp.ClientError):
    """The guard refused the request; a subclass of aiohttp's error, so that aiohttp ends the connection as usual."""


class Exchange:
    """One request. A deadline ends it, and moves on while the bytes of a file do."""

    def __init__(self, target: httpx.URL, settings: TransportSettings, guard: SendGuard | None) -> None:
        self.target = target
        self.stage = Stage.CONNECTING
        self.refused = False
        self._guard = guard
        self.deadline = asyncio.timeout(settings.total_timeout)
        self._settings = settings
        self._latest = float("inf")

    def connects(self) -> None:
        """Refuse a second connection for a request that was sent over the first."""
        if self.stage is not Stage.CONNECTING:
            raise SentAgain

    def leaves(self) -> None:
        """Note that the first byte of the request comes next; the total timeout restarts here."""
        if self._guard is not None:
            try:
                self._guard.begin()
            except SendRefused:
                self.refused = True
                raise StoppedBeforeSending from None
        self.stage = Stage.SENT
        now, span = asyncio.get_running_loop().time(), self._settings.total_timeout
        self._latest = now + span
        self._end_by(now + span)

    def sends(self, count: int | None) -> None:
        """Note that the connection takes so many bytes of a file, or, by None, that all are on their way."""
        self._latest += (count or 0) / self._settings.least_bytes_per_second
        silence = self._settings.total_timeout if count is None else self._settings.answer_timeout
        self._end_by(asyncio.get_running_loop().time() + silence)

    def saves(self, count: int | None) -> None:
        """Note that so many bytes of a file came. The client bounds the silence between them."""
        self._latest += (count or 0) / self._settings.least_bytes_per_second
        self._end_by(asyncio.get_running_loop().time() + self._settings.total_timeout)

    def _end_by(self, when: float) -> None:
        if not self.deadline.expired():
            self.deadline.reschedule(min(when, self._latest))
