"""Posts notifications over the network: JSON, without a signature and without a client certificate."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.edelivery.notices import Notice, Notices
    from sandbox.edelivery.stand_in import EDelivery

_POLL_SECONDS = 0.05
_TIMEOUT = aiohttp.ClientTimeout(total=10.0)
_SUCCESSES = range(200, 300)


class PushSender:
    """A task that posts what is due. ``ca_file`` is what it trusts receivers by."""

    def __init__(self, edelivery: EDelivery, ca_file: Path) -> None:
        self._edelivery = edelivery
        self._ca_file = ca_file
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to post."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """End at once."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(self._ca_file)))
        async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session:
            while True:
                notices = self._edelivery.notices  # a reset while one is posted leaves it alone
                await asyncio.gather(*(_post(session, notices, one) for one in notices.due()))
                await asyncio.sleep(_POLL_SECONDS)


async def _post(session: aiohttp.ClientSession, notices: Notices, notice: Notice) -> None:
    headers = {"Content-Type": "application/json"}
    try:
        async with session.post(
            notice.url, data=notice.body, headers=headers, allow_redirects=False
        ) as answer:
            notices.tried(notice, str(answer.status), taken=answer.status in _SUCCESSES)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        notices.tried(notice, type(error).__name__, taken=False)
