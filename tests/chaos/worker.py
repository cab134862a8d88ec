"""A worker or receiver with a fault built in: `python -m tests.chaos.worker --config F [--crash-at POINT:NTH] …`."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence
from pathlib import Path

from tests.chaos import counted_tokens, crash_points, defects, moved_clock, mutations
from tests.chaos.crash_points import CrashPoint
from worker.cli.commands.receiver import receiver
from worker.cli.commands.worker import worker
from worker.inbound import outbox
from worker.inbound.looking import looker

ROLES = ("worker", "receiver")
OUTBOX_LEASE = 3.0
"""Seconds; a run cannot wait for as long as a receiver that crashed may keep its notifications."""
LOOK_MARGIN = 1.0
"""Seconds, for the same reason, beyond the longest look, for which a worker that crashed may keep a place."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Install what was asked for, then do what the command does."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.worker", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--role", choices=ROLES, default="worker")
    parser.add_argument("--system", action="append", help="a worker serves these alone")
    parser.add_argument("--crash-at", type=CrashPoint.parse, metavar="POINT:NTH", help="kill -9 itself there")
    parser.add_argument("--freeze-at", type=CrashPoint.parse, metavar="POINT:NTH", help="stop itself there")
    parser.add_argument("--defect-in", choices=defects.METHODS, help="a method of the system's port")
    parser.add_argument("--mutation", choices=mutations.NAMES)
    parser.add_argument("--clock-file", type=Path, help="holds the seconds by which the wall clock is wrong")
    options = parser.parse_args(arguments)
    counted_tokens.install()
    if options.mutation:
        mutations.install(options.mutation)
    if options.defect_in:
        defects.install(options.defect_in)
    if options.clock_file:
        moved_clock.install(options.clock_file)
    for point, sign in ((options.crash_at, signal.SIGKILL), (options.freeze_at, signal.SIGSTOP)):
        if point:
            crash_points.install(point, sign)
            if seconds := crash_points.SLOW.get(point.step):
                crash_points.slow_publications(seconds)
    outbox.LEASE = OUTBOX_LEASE
    looker.MARGIN = LOOK_MARGIN
    if options.role == "receiver":
        receiver(options.config)
    else:
        worker(options.config, options.system)


if __name__ == "__main__":
    main()
