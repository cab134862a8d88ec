"""Sending the callbacks over the network, in rounds, as the environment's job does."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp

from sandbox.epayment.notifications import accepted
from sandbox.epayment.outbox import Attempt
from sandbox.epayment.variants import body_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.epayment.notifications import Notification
    from sandbox.epayment.outbox import Outbox
    from sandbox.epayment.stand_in import EPayments
    from sandbox.epayment.variants import Variant

_HEADERS = {
    "Accept": "application/json, text/plain",
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
}
_LONGEST_ANSWER = 64 * 1024


class Sender:
    """A task that sends what is due in the outbox of a stand-in."""

    def __init__(self, api: EPayments, now: Callable[[], datetime]) -> None:
        self._api = api
        self._now = now
        self._task: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()

    def start(self) -> None:
        """Begin to send."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """End at once; an attempt under way gets no entry."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def settled(self) -> None:
        """Wait until no callback waits for an attempt; a failure of the sender's own is raised."""
        while self._task is not None and not self._api.outbox.settled:
            if self._task.done():
                await self._task
            await self._ended.wait()

    async def _run(self) -> None:
        try:
            await self._rounds()
        finally:
            self._ended.set()

    async def _rounds(self) -> None:
        # The environment's own client verifies no certificate of a receiver.
        connector = aiohttp.TCPConnector(ssl=False, limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            while True:
                self._api.tick()
                outbox = self._api.outbox  # a reset gives the stand-in another one
                await Round(outbox, session, self._now).send(outbox.due())
                ended, self._ended = self._ended, asyncio.Event()
                ended.set()
                await asyncio.sleep(outbox.settings.period_seconds)


@dataclass(frozen=True, slots=True)
class Round:
    """One batch of callbacks; it ends when all of them are answered, or have failed."""

    outbox: Outbox
    session: aiohttp.ClientSession
    now: Callable[[], datetime]

    async def send(self, batch: list[Notification]) -> None:
        """Send a batch, so many at the same time as the settings say."""
        waiting = deque(batch)
        async with asyncio.TaskGroup() as group:
            for _ in range(min(len(waiting), self.outbox.settings.concurrency)):
                group.create_task(self._work(waiting))

    async def _work(self, waiting: deque[Notification]) -> None:
        while waiting:
            await self._deliver(waiting.popleft())

    async def _deliver(self, notification: Notification) -> None:
        """Post a callback with what goes beside it; its own answer alone decides."""
        if not _readable(notification.url):
            self.outbox.give_up(notification)
            return
        settings = self.outbox.settings
        own, *_ = await asyncio.gather(
            *(self._post(notification, variant) for variant in (settings.variant, *settings.beside))
        )
        self.outbox.settle(notification, accepted=own)

    async def _post(self, notification: Notification, variant: Variant) -> bool:
        at = self.now()
        status: int | None = None
        error: str | None = None
        taken = False
        try:
            status, text = await self._exchange(notification, variant)
            taken = accepted(status, text)
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            error = type(problem).__name__
        self.outbox.attempts.append(Attempt(notification.seq, at, variant, status, taken, error))
        return taken

    async def _exchange(self, notification: Notification, variant: Variant) -> tuple[int, str]:
        settings = self.outbox.settings
        async with self.session.post(
            notification.url,
            data=BytesIO(body_of(notification, variant, self.outbox.chance)),
            headers=_HEADERS,
            timeout=aiohttp.ClientTimeout(total=settings.timeout_seconds),
            expect100=settings.expect_continue,
        ) as answer:
            body = await answer.content.read(_LONGEST_ANSWER)
            return answer.status, body.decode("utf-8", "replace")


def _readable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
