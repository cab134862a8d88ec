"""Group commit: one task writes all commands that wait in one transaction and gives each caller its own result."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from worker.event_loop import running_loop
from worker.journal.commands import Claim, Command, Result, undoing
from worker.journal.errors import JournalFault, JournalUnavailable, sentence
from worker.journal.group_commit import Entry, Waiting

_log = logging.getLogger(__name__)

MAX_COUNT = 500
MAX_WEIGHT = 8 * 1024 * 1024  # bytes; bounds the memory of a group and how long its locks are held

_ENDED = "the journal was closed"

Write: TypeAlias = Callable[[Sequence[Command]], Awaitable[Sequence[Result]]]
"""Writes all commands or none, waiting out outages; the results come in the order of the commands."""


class GroupWriter:
    """Writes commands in groups. ``run`` must be running in a task for anything to be written."""

    def __init__(
        self,
        write: Write,
        *,
        max_wait: float = 0.0,
        max_count: int = MAX_COUNT,
        max_weight: int = MAX_WEIGHT,
    ) -> None:
        """``max_wait``: how many seconds a command may wait for others, see `Waiting`."""
        self._write = write
        self._waiting = Waiting(max_count=max_count, max_weight=max_weight, max_wait=max_wait)
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._under_way: Sequence[Entry] = ()
        self._ended = False

    @property
    def waiting(self) -> int:
        """How many commands wait for the next group."""
        return len(self._waiting)

    async def submit(self, command: Command) -> Result:
        """Write the command and return its result; raise it where it is an exception.

        Raises JournalUnavailable where the writer was ended before that.
        """
        loop = running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._put(Entry(command, future, loop.time()))
        try:
            return await future
        except asyncio.CancelledError:
            # Cancelled in the same turn of the loop in which the result came: the command was written, and the caller
            # will not know.
            if future.done() and not future.cancelled() and future.exception() is None:
                self._take_back(command, future.result())
            raise

    def submit_later(self, command: Command) -> None:
        """Write the command with the next group, without a caller that waits."""
        self._put(Entry(command, None, running_loop().time()))

    async def flush(self) -> None:
        """Return when everything is written."""
        await self._idle.wait()

    async def run(self) -> None:
        """Write until cancelled. Callers that wait then get JournalUnavailable: their command may not be written."""
        try:
            while True:
                await self._wake.wait()
                # A caller that got its result in the last turn of the loop may have its next command ready in this one.
                await asyncio.sleep(0)
                if pause := self._waiting.pause(running_loop().time()):
                    await asyncio.sleep(pause)
                await self._write_next()
        finally:
            self._end()

    async def _write_next(self) -> None:
        self._under_way = [entry for entry in self._waiting.take() if not _pointless(entry)]
        if self._under_way:
            await self._write_group(self._under_way)
        self._under_way = ()
        if not self._waiting:
            self._wake.clear()
            self._idle.set()

    def _end(self) -> None:
        self._ended = True
        left = list(self._under_way)
        while self._waiting:
            left += self._waiting.take()
        for entry in left:
            if entry.future is not None and not entry.future.done():
                entry.future.set_exception(JournalUnavailable(_ENDED))

    def _put(self, entry: Entry) -> None:
        if self._ended:
            raise JournalUnavailable(_ENDED)
        self._waiting.put(entry)
        self._idle.clear()
        self._wake.set()

    async def _write_group(self, group: Sequence[Entry]) -> None:
        try:
            results = await self._write([entry.command for entry in group])
        except Exception as error:  # noqa: BLE001 - the caller gets it, and the others go on
            if len(group) == 1:
                self._settle(group[0], _fault(group[0].command, error))
                return
            # One bad row must not fail the others: each is now written separately, and only its caller gets the error.
            for entry in group:
                await self._write_group([entry])
            return
        for entry, result in zip(group, results, strict=True):
            self._settle(entry, result)

    def _settle(self, entry: Entry, result: Result) -> None:
        future = entry.future
        if future is None:
            if isinstance(result, Exception):
                _log.error("The journal could not write a step whose caller no longer waits: %s", result)
        elif future.cancelled():
            self._take_back(entry.command, result)
        elif isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)

    def _take_back(self, command: Command, result: Result) -> None:
        if (undo := undoing(command, result)) and not self._ended:
            self.submit_later(undo)


def _pointless(entry: Entry) -> bool:
    """Tell whether this is a claim whose caller was cancelled before it was written; other commands are written."""
    return entry.future is not None and entry.future.cancelled() and isinstance(entry.command, Claim)


def _fault(command: Command, error: Exception) -> JournalFault:
    kind = type(command).__name__
    return JournalFault(f"The journal could not store this ({kind}): {sentence(error)}.")
