"""The running event loop and task, without the system call that each question for them costs in Python 3.11.

`asyncio.get_running_loop` asks the system for the number of the process, to find out whether it was forked. A
submission asked so a dozen times. Here, a fork is noticed when it happens.
"""

from __future__ import annotations

import asyncio
import os
import threading
from typing import Any


class _Here(threading.local):
    """The loop that this thread ran last."""

    loop: asyncio.AbstractEventLoop | None = None


_here = _Here()


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop that runs in this thread. Raises RuntimeError where none does."""
    loop = _here.loop
    if loop is None or not loop.is_running():
        _here.loop = loop = asyncio.get_running_loop()
    return loop


def current_task() -> asyncio.Task[Any] | None:
    """Return the task that runs in this thread, or None in a callback. Raises RuntimeError where no loop runs."""
    return asyncio.current_task(running_loop())


def _forget() -> None:
    _here.loop = None


os.register_at_fork(after_in_child=_forget)
