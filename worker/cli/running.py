"""Running a process until it is told to stop: `herald worker` and `herald receiver`."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Protocol

import uvloop

from worker.cli.output import WRONG_USE, fail
from worker.configuration_error import ConfigurationError
from worker.journal.errors import JournalFault
from worker.observability import logs
from worker.settings.model import Settings


class Process(Protocol):
    """What runs until its stop is set."""

    async def run(self) -> None:
        """Run. Raises OSError where the probes' port is taken, ConfigurationError, JournalFault."""


def run_process(name: str, settings: Settings, make: Callable[[asyncio.Event], Process]) -> None:
    """Make the process and run it, or end the command with why it cannot start."""
    logs.configure(settings.log.level, settings.log.format)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(make))
    except ConfigurationError as bad:
        fail(f"A {name} cannot start:\n" + "\n".join(f"  {problem}" for problem in bad.problems), WRONG_USE)
    except OSError as error:
        fail(f"health: the probes cannot listen: {error.strerror}", WRONG_USE)
    except JournalFault as fault:
        fail(f"journal: {fault}", WRONG_USE)


async def _serve(make: Callable[[asyncio.Event], Process]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told() -> None:
        if stop.is_set():
            # End at once: what was in flight is `sending` in the journal; its recovery rule decides, as after a crash.
            os._exit(128 + signal.SIGTERM)
        stop.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told)
    await make(stop).run()
