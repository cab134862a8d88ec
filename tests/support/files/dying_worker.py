"""`python -m tests.support.files.dying_worker worker …`: a worker that dies at the place that CRASH_AT names.

The file CRASH_FLAG lets it happen once.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from worker.cli import main
from worker.files.store import JournalFileStore
from worker.journal.postgres import PostgresJournal

PLACES = ("before-saving", "in-saving", "after-saving", "after-finish")


def _dies(place: str) -> None:
    flag = Path(os.environ["CRASH_FLAG"])
    if os.environ["CRASH_AT"] == place and flag.exists():
        flag.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def _let_it_die() -> None:
    save, finish = JournalFileStore.save, PostgresJournal.finish

    async def dying_save(self: Any, new: Any, chunks: Any, **more: Any) -> Any:
        _dies("before-saving")

        async def watched() -> Any:
            async for number, chunk in _numbered(chunks):
                yield chunk
                if number == 2:
                    _dies("in-saving")

        stored = await save(self, new, watched(), **more)
        _dies("after-saving")
        return stored

    async def dying_finish(self: Any, *arguments: Any) -> None:
        await finish(self, *arguments)
        _dies("after-finish")

    JournalFileStore.save = dying_save  # type: ignore[method-assign]
    PostgresJournal.finish = dying_finish  # type: ignore[method-assign]


async def _numbered(chunks: Any) -> Any:
    number = 0
    async for chunk in chunks:
        yield number, chunk
        number += 1


if __name__ == "__main__":
    _let_it_die()
    main()
