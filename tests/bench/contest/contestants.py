"""The workers as processes: Herald with everything on, and the plain one."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.notifications import NOTIFYING_SYSTEMS
from tests.bench.contest.hospital import Hospital
from tests.bench.contest.surroundings import Surroundings
from tests.support.kafka.cluster import free_ports
from tests.support.worker.installation import laid_over, signer_files, worker_process
from tests.support.worker.kafka import Topics

PARTITIONS = 4
START_SECONDS = 180.0
"""Each signer's file costs 33 ms of CPU to open, by design of PKCS#12: 200 of them take their time."""


@dataclass(frozen=True)
class Contestant:
    """A running worker, or several of one group, and the hospital that uses them."""

    name: str
    pids: tuple[int, ...]
    hospital: Hospital


@contextmanager
def herald(
    around: Surroundings,
    bootstrap: str,
    dsn: str,
    *,
    changes: Mapping[str, Any] | None = None,
    workers: int = 1,
) -> Iterator[Contestant]:
    """Run `herald worker` for NHIS, once or several times."""
    settings = laid_over(nhis_settings(around), changes or {})
    with herald_of(
        "nhis",
        settings=settings,
        bootstrap=bootstrap,
        dsn=dsn,
        directory=around.directory,
        workers=workers,
    ) as found:
        yield found


@contextmanager
def herald_of(
    *systems: str,
    settings: Mapping[str, Any],
    bootstrap: str,
    dsn: str,
    directory: Path,
    workers: int = 1,
) -> Iterator[Contestant]:
    """Run `herald worker` with these signers and systems; everything else is as it ships.

    The hospital is one of the first system.
    """
    topics = _topics("herald", bootstrap, *systems)
    config, dsn_file = directory / "herald.yaml", directory / "journal-dsn"
    dsn_file.write_text(dsn, encoding="utf-8")
    document = {
        "kafka": {"bootstrap_servers": bootstrap, "topic_prefix": topics.prefix},
        "intake": {"group_id": f"{topics.prefix}workers"},
        "journal": {"dsn_file": str(dsn_file)},
        "health": {"host": "127.0.0.1", "port": 0},
        "log": {"level": "info", "format": "json"},
    }
    config.write_text(json.dumps(laid_over(document, settings)), encoding="utf-8")
    with ExitStack() as stack:
        running = [stack.enter_context(worker_process(config, forked=False)) for _ in range(workers)]
        for worker in running:
            asyncio.run(worker.ready(START_SECONDS))
        hospital = stack.enter_context(Hospital(bootstrap, topics, PARTITIONS))
        yield Contestant("herald", tuple(worker.process.pid for worker in running), hospital)


def nhis_settings(around: Surroundings) -> dict[str, Any]:
    """Return the settings of NHIS at the stand-in, with the signers."""
    return {
        "signers": signer_files(one.shown() for one in around.signers),
        "systems": {"nhis": nhis_section(around)},
    }


def nhis_section(around: Surroundings) -> dict[str, Any]:
    """Return the settings of NHIS at the stand-in."""
    return {
        "api_url": around.url,
        "auth_url": f"{around.url}/token",
        "senders": {one.name: {"uin": one.uin} for one in around.signers},
        "transport": {"ca_file": str(around.ca_file)},
        "nomenclature_pulls": {"enabled": False},  # the stand-in has no code lists
    }


@contextmanager
def plain(around: Surroundings, bootstrap: str) -> Iterator[Contestant]:
    """Run the plain worker."""
    topics = _topics("plain", bootstrap, "nhis")
    config = around.directory / "plain.json"
    config.write_text(json.dumps(plain_config(around, bootstrap, topics)), encoding="utf-8")
    with plain_process(config) as process, Hospital(bootstrap, topics, PARTITIONS) as hospital:
        yield Contestant("plain", (process.pid,), hospital)


def plain_config(around: Surroundings, bootstrap: str, topics: Topics) -> dict[str, Any]:
    """Return the plain worker's configuration."""
    (port,) = free_ports(1)
    return {
        "url": around.url,
        "ca_file": str(around.ca_file),
        "signers": [one.shown() for one in around.signers],
        "metrics_port": port,
        "kafka": {
            "bootstrap": bootstrap,
            "submissions": topics.submissions,
            "results": topics.results,
            "errors": topics.errors,
            "group": f"{topics.prefix}workers",
        },
    }


@contextmanager
def plain_process(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the plain worker with this configuration; its log is beside it."""
    command = [sys.executable, "-m", "tests.bench.plain", str(config)]
    with config.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _topics(name: str, bootstrap: str, *systems: str) -> Topics:
    """Make the topics of these systems, and return the first one's."""
    prefix = f"{name}-{uuid.uuid4().hex[:8]}."
    made = [Topics(prefix, system) for system in systems]
    for topics in made:
        topics.create(bootstrap, PARTITIONS)
    if set(systems) & set(NOTIFYING_SYSTEMS):  # what arrives at one of them may be another's
        made[0].create(bootstrap, PARTITIONS, *(f"{prefix}{one}.notifications" for one in NOTIFYING_SYSTEMS))
    return made[0]
