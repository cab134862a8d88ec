"""`herald worker`: serve until asked to stop."""

from __future__ import annotations

from worker.app import Worker
from worker.cli.access import Config, Systems, settings_for
from worker.cli.running import run_process


def worker(config: Config = None, systems: Systems = None) -> None:
    """Take submissions from Kafka, deliver them, and publish the replies.

    The first SIGTERM stops it gracefully, the second at once.
    """
    settings = settings_for(config, systems)
    run_process("worker", settings, lambda stop: Worker(settings, stop))
