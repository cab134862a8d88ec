"""What a worker's start costs until it is ready: for each system, and for all of them in one worker."""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import reduce
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import psutil

from demo.scenarios import SYSTEMS, chosen
from tests.bench.contest.contestants import herald_of, nhis_settings
from tests.bench.contest.surroundings import surroundings
from tests.bench.footprint import memory_mib
from tests.bench.scaling.case import told
from tests.bench.scaling.systems import sandbox_of, settings_of
from tests.support.postgres.server import TEMPLATE
from tests.support.worker.installation import laid_over

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.bench.scaling.case import Bench, Row

ALL = "all of them"
SIGNERS = 3
"""Signers of NHIS, in PKCS#12 files. What the other systems need is in their scenarios."""


def start(bench: Bench) -> list[Row]:
    """One row for a worker of each system, and one for a worker of all."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(dir=bench.directory)))
        settings = {system: _settings(system, directory, stack) for system in SYSTEMS}
        found = [_started(bench, name, [name], settings[name]) for name in SYSTEMS]
        found.append(_started(bench, ALL, SYSTEMS, reduce(laid_over, settings.values())))
    return found


def _settings(system: str, directory: Path, stack: ExitStack) -> Mapping[str, Any]:
    """Run the system's stand-in until the stack ends; return a worker's settings for it."""
    own = directory / system
    own.mkdir()
    if system == "nhis":
        return nhis_settings(stack.enter_context(surroundings(own, signers=SIGNERS)))
    scenarios = chosen(system)
    return settings_of(scenarios, stack.enter_context(sandbox_of(scenarios, own)), own)


def _started(bench: Bench, name: str, systems: Sequence[str], settings: Mapping[str, Any]) -> Row:
    """Start a worker, and return what it took until it was ready: CPU seconds of its process, seconds, memory."""
    dsn = bench.postgres.create_database(TEMPLATE)
    with (
        TemporaryDirectory(dir=bench.directory) as directory,
        herald_of(
            *systems, settings=settings, bootstrap=bench.bootstrap, dsn=dsn, directory=Path(directory)
        ) as worker,
    ):
        process = psutil.Process(worker.pids[0])
        cpu, seconds = process.cpu_times(), time.time() - process.create_time()
        memory = memory_mib(process.pid)
    return told(
        {
            "system": name,
            "cpu_s": round(cpu.user + cpu.system, 2),
            "seconds": round(seconds, 1),
            "rss_mb": round(memory),
        }
    )
