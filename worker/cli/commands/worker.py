"""`herald worker`: serve until asked to stop."""

from __future__ import annotations

import asyncio
import os
import signal

import uvloop

from worker.app import Worker
from worker.cli.access import Config, Systems, settings_for
from worker.cli.output import WRONG_USE, fail
from worker.configuration_error import ConfigurationError
from worker.journal.errors import JournalFault
from worker.observability import logs
from worker.settings.model import Settings


def worker(config: Config = None, systems: Systems = None) -> None:
    """Take submissions from Kafka, deliver them, and publish the replies.

    The first SIGTERM stops it gracefully, the second at once.
    """
    settings = settings_for(config, systems)
    logs.configure(settings.log.level, settings.log.format)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings))
    except ConfigurationError as bad:
        fail("A worker cannot start:\n" + "\n".join(f"  {problem}" for problem in bad.problems), WRONG_USE)
    except OSError as error:
        fail(f"health: the probes cannot listen: {error.strerror}", WRONG_USE)
    except JournalFault as fault:
        fail(f"journal: {fault}", WRONG_USE)


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told() -> None:
        if stop.is_set():
            # End at once: what was in flight is `sending` in the journal; its recovery rule decides, as after a crash.
            os._exit(128 + signal.SIGTERM)
        stop.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told)
    await Worker(settings, stop).run()
