"""`herald receiver`: take the calls of national systems until asked to stop."""

from __future__ import annotations

from worker.cli.access import Config, settings_of
from worker.cli.running import run_process
from worker.receiver import Receiver


def receiver(config: Config = None) -> None:
    """Take the calls that national systems make, and publish what they state.

    The first SIGTERM stops it gracefully, the second at once.
    """
    settings = settings_of(config)
    run_process("receiver", settings, lambda stop: Receiver(settings, stop))
