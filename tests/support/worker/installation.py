"""Everything around a worker: its topics, its journal, NHIS, its settings; and workers of both kinds."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import asyncpg

from tests.support.kafka.cluster import free_ports
from tests.support.processes.forked import Forked, fork_server
from tests.support.worker.hospital import Event, Patient, patients
from tests.support.worker.kafka import Answers, Topics, committed, ends, publish, reading
from tests.support.worker.nhis import Nhis
from tests.support.worker.probes import READY_SECONDS, ready
from tests.support.worker.sandbox import Sandbox
from worker.admin import queries
from worker.admin.views import SubmissionDetail
from worker.app import Worker
from worker.settings.load import load

T = TypeVar("T")
STOP_SECONDS = 30.0
POLL_SECONDS = 0.05


SHORT_WAITS = {"connect_timeout": 3, "answer_timeout": 3, "total_timeout": 4}


@dataclass(frozen=True)
class SystemInstallation:
    """One test's surroundings for any system; nothing in it is shared but the servers."""

    bootstrap: str
    topics: Topics
    dsn: str
    directory: Path
    sandbox: Sandbox
    signers: Mapping[str, Any]
    section: Mapping[str, Any]
    """The settings of the system itself."""

    @property
    def group(self) -> str:
        """The workers' consumer group."""
        return f"{self._workers}.{self.topics.system}"

    @property
    def _workers(self) -> str:
        return f"{self.topics.prefix}workers"

    def settings(self, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return a worker's settings: short waits, so that recovery takes no minutes."""
        dsn_file = self.directory / "journal-dsn"
        dsn_file.write_text(self.dsn, encoding="utf-8")
        document = {
            "kafka": {"bootstrap_servers": self.bootstrap, "topic_prefix": self.topics.prefix},
            "intake": {
                "group_id": self._workers,
                "commit_interval": 0.05,
                "session_timeout": 6,
                "drain_seconds": 3,
            },
            "journal": {"dsn_file": str(dsn_file), "lease_seconds": 6},
            "signers": self.signers,
            "systems": {self.topics.system.replace("-", "_"): self.section},
            "retry": {"initial": 0.2, "maximum": 1, "give_up_after": 60},
            "circuit": {"pause": 0.3, "longest_pause": 1},
            # In some tests most events become dead letters, which would trip the flood guard.
            "flood_guard": {"share": 1},
            "health": {"host": "127.0.0.1", "port": 0},
            "log": {"level": "info", "format": "json"},
        }
        return laid_over(document, changes or {})

    def config(self, changes: Mapping[str, Any] | None = None) -> Path:
        """Write the settings to a file. JSON is YAML too."""
        path = self.directory / f"herald-{uuid.uuid4().hex[:6]}.yaml"
        path.write_text(json.dumps(self.settings(changes)), encoding="utf-8")
        return path

    async def publish(self, *events: Event) -> None:
        """Publish in order, as a HIS would."""
        await publish(self.bootstrap, self.topics.submissions, events)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Answers]:
        """Read replies and dead letters."""
        async with reading(self.bootstrap, self.topics) as answers:
            yield answers

    async def committed(self) -> dict[int, int]:
        """Return the group's committed offset by partition."""
        return await asyncio.to_thread(committed, self.bootstrap, self.group)

    async def all_committed(self, seconds: float = 15.0) -> None:
        """Wait until the group has committed every record of the topic."""
        wanted = await asyncio.to_thread(ends, self.bootstrap, self.topics.submissions)
        await eventually(self.committed, lambda found: _past_zero(found) == wanted, seconds)

    async def detail(self, submission: str) -> SubmissionDetail:
        """Return what the journal holds of a submission."""
        (found,) = await self.details([submission])
        return found

    async def details(self, submissions: Iterable[str]) -> list[SubmissionDetail]:
        """Return what the journal holds of these, in the same order."""
        connection = await asyncpg.connect(self.dsn)
        try:
            found = [await queries.show(connection, name) for name in submissions]
        finally:
            await connection.close()
        assert all(len(one) == 1 for one in found), "a submission is not in the journal exactly once"
        return [one[0] for one in found]

    async def state(self, submission: str, *states: str, seconds: float = 20.0) -> SubmissionDetail:
        """Wait until a submission is in one of these states."""
        connection = await asyncpg.connect(self.dsn)
        try:
            (found,) = await eventually(
                lambda: queries.show(connection, submission),
                lambda found: bool(found) and found[0].submission.state in states,
                seconds,
            )
        finally:
            await connection.close()
        return found


@dataclass(frozen=True)
class Installation(SystemInstallation):
    """The surroundings of a worker for NHIS."""

    nhis: Nhis
    _patients: Iterator[Patient] = field(repr=False)

    @classmethod
    def build(
        cls, bootstrap: str, dsn: str, nhis: Nhis, directory: Path, partitions: int = 4
    ) -> Installation:
        """Make the topics."""
        topics = new_topics("nhis", bootstrap, partitions)
        section = {
            "api_url": nhis.url,
            "auth_url": nhis.auth_url,
            "senders": {one["name"]: {"uin": one["uin"]} for one in nhis.signers},
            "transport": {"ca_file": nhis.ca_file, **SHORT_WAITS},
            # Tests count what NHIS gets, and put faults before its next request.
            "nomenclature_pulls": {"enabled": False},
        }
        files = signer_files(nhis.signers)
        return cls(bootstrap, topics, dsn, directory, nhis, files, section, nhis, patients(nhis.doctors))

    def patient(self) -> Patient:
        """Return one more patient."""
        return next(self._patients)


def new_topics(system: str, bootstrap: str, partitions: int = 4) -> Topics:
    """Make a system's topics under a prefix that nobody else has."""
    topics = Topics(f"t-{uuid.uuid4().hex[:12]}.", system)
    topics.create(bootstrap, partitions)
    return topics


def signer_files(signers: Iterable[Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the settings of the signers that a sandbox names."""
    return {
        one["name"]: {"file": one["pkcs12_file"], "password_file": one["password_file"]} for one in signers
    }


async def eventually(
    look: Callable[[], Awaitable[T]],
    good: Callable[[T], bool],
    seconds: float = 20.0,
    *,
    pause: float = POLL_SECONDS,
) -> T:
    """Poll until the value is good, and return it. Raises AssertionError with the last value.

    A look that computes for long needs a longer ``pause``, or what it looks at has no time left to go on.
    """
    end = time.monotonic() + seconds
    while True:
        seen = await look()
        if good(seen):
            return seen
        assert time.monotonic() < end, f"not within {seconds} s: {seen!r}"
        await asyncio.sleep(pause)


@asynccontextmanager
async def started(config: Path) -> AsyncIterator[Worker]:
    """Run a worker in this process; the test waits for its readiness. Stops it gracefully."""
    stop = asyncio.Event()
    worker = Worker(load(config, {}), stop)
    task = asyncio.create_task(worker.run())
    try:
        while not task.done():
            try:
                _ = worker.health.address
                break
            except RuntimeError:
                await asyncio.sleep(0.01)
        yield worker
    finally:
        stop.set()
        await asyncio.wait_for(task, STOP_SECONDS)


@asynccontextmanager
async def serving(config: Path) -> AsyncIterator[Worker]:
    """Run a worker in this process and wait until it is ready."""
    async with started(config) as worker:
        await ready(worker.health.address)
        yield worker


class WorkerProcess:
    """`herald worker`, or `herald receiver`, as a process that can be killed."""

    def __init__(
        self,
        config: Path,
        command: str = "worker",
        *,
        main: str = "worker.cli",
        module: tuple[str, ...] = (),
        forked: bool = True,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """Start it: forked from a process that has loaded Herald, or as an operator starts it.

        Where a test changes what it does, ``main`` is the module of the forked one's function `main`, and ``module``
        what `python -m` runs in place of `worker COMMAND`.
        """
        (port,) = free_ports(1)
        self.address = ("127.0.0.1", port)
        self.log = config.with_suffix(f".{port}.log")
        environment = clean_environment(**{"HERALD_HEALTH__PORT": str(port)} | dict(variables or {}))
        options = ("--config", str(config))
        self.process: Forked | subprocess.Popen[bytes]
        if forked and not module:
            self.process = fork_server().start(
                main, command, *options, stdout=self.log, stderr=self.log, variables=environment
            )
            return
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *(module or ("worker", command)), *options],
                stdout=log,
                stderr=log,
                env=environment,
            )

    async def ready(self, seconds: float = READY_SECONDS) -> None:
        """Wait until it is ready."""
        try:
            await ready(self.address, seconds, lambda: self.process.poll() is not None)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log.read_text()[-3000:]}") from None

    def kill9(self) -> None:
        """Kill it with SIGKILL, as the kernel does when memory runs out."""
        self.process.kill()
        self.process.wait()

    def terminate(self) -> None:
        """Ask it to stop."""
        self.process.terminate()

    async def ended(self, seconds: float = STOP_SECONDS) -> int:
        """Wait for its end and return its exit code."""
        return await asyncio.to_thread(self.process.wait, seconds)


@contextmanager
def worker_process(
    config: Path, command: str = "worker", *, main: str = "worker.cli", forked: bool = True
) -> Iterator[WorkerProcess]:
    """Start a worker or a receiver as a process, and be sure that it is gone afterwards."""
    worker = WorkerProcess(config, command, main=main, forked=forked)
    try:
        yield worker
    finally:
        if worker.process.poll() is None:
            worker.kill9()


def herald(
    *arguments: str | Path, seconds: float = 60.0, forked: bool = True, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command of Herald's to its end: forked, or as people do. Raises subprocess.TimeoutExpired."""
    command, environment = [*map(str, arguments)], clean_environment(**variables)
    if not forked:
        return subprocess.run(
            [sys.executable, "-m", "worker", *command],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env=environment,
        )
    with TemporaryDirectory() as directory:
        out, err = Path(directory, "out"), Path(directory, "err")
        process = fork_server().start("worker.cli", *command, stdout=out, stderr=err, variables=environment)
        try:
            code = process.wait(seconds)
        finally:
            process.kill()
        return subprocess.CompletedProcess(command, code, out.read_text(), err.read_text())


def clean_environment(**variables: str) -> dict[str, str]:
    """Return this process's environment without anyone else's settings for Herald, and as outside of a pod."""
    others = ("HERALD_", "KUBERNETES_SERVICE_HOST")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    return kept | variables


def _past_zero(offsets: Mapping[int, int]) -> dict[int, int]:
    """Leave out the partitions that hold nothing, at whose beginning the group stands."""
    return {partition: offset for partition, offset in offsets.items() if offset}


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings below, with those above in their places."""
    merged = dict(below)
    for name, value in above.items():
        lower = merged.get(name)
        both = isinstance(lower, dict) and isinstance(value, Mapping)
        merged[name] = laid_over(lower, value) if both else value
    return merged
