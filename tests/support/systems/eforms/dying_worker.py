"""`python -m tests.support.systems.eforms.dying_worker worker …`: workers that kill themselves, one after the other.

Each line of CRASH_AT is the place of one. They are forked from a process that has loaded everything, which saves most
of a start, and ends with 0 when each has died at its place. A place is `before X` or `after X`, where X is a write of
the journal or a record that Kafka has taken; or `in X`, where X is a transfer of a large file. The file MEMORY_FILE
gets the most memory that each has had.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from worker.app import Worker
from worker.cli import main
from worker.files.store import JournalFileStore
from worker.inbound import outbox
from worker.inbound.looking import looker
from worker.journal.notifications import PostgresNotifications
from worker.journal.postgres import PostgresJournal
from worker.journal.watches import PostgresWatches
from worker.kafka.replies import ReplyPublisher

LOADED = (Worker,)
"""The command loads it only when it runs: each worker would."""
LEASE = 1.0
"""Seconds after which another worker takes over what a killed one looked at or published."""
PATIENCE = 90.0
PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
LARGE = 8 * 1024 * 1024
"""So many bytes of a file have gone when its transfer is killed."""


class Place:
    """Which submission and which of its steps this process is at; the tests have one in flight."""

    kind = ""
    step = ""


def most_memory(pid: int | str) -> int:
    """Return the most memory that a process has had, in bytes. Raises OSError where it is gone."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    if found is None:
        raise ProcessLookupError(pid)
    return int(found.group(1)) * 1024


def _dies(place: str) -> None:
    if os.environ["CRASH_AT"] == place:
        with Path(os.environ["MEMORY_FILE"]).open("a") as file:
            file.write(f"{most_memory('self')}\n")
        os.kill(os.getpid(), signal.SIGKILL)


def _around(owner: type, method: str, name: Callable[..., str | None], *, when: Any = lambda _: True) -> None:
    """Let this process die before or after a method, where ``name`` names it and ``when`` its result says so."""
    real = getattr(owner, method)

    async def patched(*arguments: Any, **more: Any) -> Any:
        place = name(*arguments)
        if place is not None:
            _dies(f"before {place}")
        result = await real(*arguments, **more)
        if place is not None and when(result):
            _dies(f"after {place}")
        return result

    setattr(owner, method, patched)


async def _counted(chunks: AsyncIterator[bytes], place: str) -> AsyncIterator[bytes]:
    gone = 0
    async for chunk in chunks:
        yield chunk
        gone += len(chunk)
        if gone >= LARGE:
            _dies(place)


def _transfers() -> None:
    save, read = JournalFileStore.save, JournalFileStore.read

    def saved(self: Any, new: Any, chunks: Any, **more: Any) -> Any:
        return save(self, new, _counted(chunks, "in save"), **more)

    def given(self: Any, *arguments: Any, **more: Any) -> Any:
        return _counted(read(self, *arguments, **more), "in read")

    JournalFileStore.save = saved  # type: ignore[method-assign]
    JournalFileStore.read = given  # type: ignore[method-assign]


def _claimed(_: Any, request: Any) -> str:
    Place.kind = request.type
    return f"claim {Place.kind}"


def _sent(_: Any, __: Any, sending: Any) -> str:
    Place.step = sending.step if sending.purpose == "submit" else sending.purpose
    return f"sending {Place.step}"


def _published(_: Any, event: Any, *__: Any) -> str:
    return "publish " + ".".join(event.topic.split(".")[-2:])


def let_it_die() -> None:
    """Put the places into the worker."""
    outbox.LEASE = looker.MARGIN = LEASE
    _around(PostgresWatches, "take", lambda *_: "look", when=bool)
    _around(PostgresWatches, "saw", lambda *_: "saw", when=bool)
    _around(PostgresNotifications, "take", lambda *_: "take", when=bool)
    _around(PostgresNotifications, "note_published", lambda *_: "note")
    _around(ReplyPublisher, "publish", _published)
    _around(PostgresJournal, "claim", _claimed)
    _around(PostgresJournal, "sending", _sent)
    _around(PostgresJournal, "received", lambda *_: f"received {Place.step}")
    _around(PostgresJournal, "finish", lambda *_: f"finish {Place.kind}")
    _around(PostgresJournal, "answered", lambda *_: f"answered {Place.kind}")
    _transfers()


def _live(place: str) -> None:
    """Be one worker, which dies with the process that it was forked from."""
    code = 70
    try:
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
        os.environ["CRASH_AT"] = place
        main()
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _ended(pid: int) -> int | None:
    """Wait for a worker; return how it ended, None where it still runs."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    return None


def one_after_the_other(places: list[str]) -> None:
    """Let a worker die at each place. Raises SystemExit with the place where none did."""
    let_it_die()
    for place in places:
        pid = os.fork()
        if pid == 0:
            _live(place)
        if (code := _ended(pid)) != -signal.SIGKILL:
            raise SystemExit(f"no worker died at this place: {place} ({code})")


if __name__ == "__main__":
    one_after_the_other(os.environ["CRASH_AT"].splitlines())
