"""The workers, or receivers: as many as wanted, replaced when they end, each end accounted for."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.chaos.crash_points import CrashPoint
from tests.chaos.worker import ROLES
from tests.support.kafka.cluster import free_ports
from tests.support.processes.forked import LOADED
from tests.support.worker.installation import clean_environment
from tests.support.worker.probes import ready

ROOT = Path(__file__).resolve().parents[2]
MAIN = "tests.chaos.worker"
LOOK_SECONDS = 0.1
END_SECONDS = 40.0
TOLD_CODES = (0, -signal.SIGKILL, 128 + signal.SIGTERM, -signal.SIGTERM)
"""Exit codes of a worker that was told to end: in good order, at once, at once by the second SIGTERM, or so early that
it did not listen yet."""


@dataclass(eq=False)
class WorkerProcess:
    """One worker process."""

    pid: int
    address: tuple[str, int]
    log: Path
    clock_file: Path
    crash_at: CrashPoint | None
    defect_in: str | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    code: int | None = None
    told: bool = False
    """Whether we ended it, or asked it to end."""
    killed: bool = False
    frozen: bool = False
    port: int = 0
    """Where a receiver listens."""

    @property
    def alive(self) -> bool:
        return not self.ended.is_set()

    @property
    def ordinary(self) -> bool:
        """Whether it has no fault built in."""
        return self.crash_at is None and self.defect_in is None

    @property
    def serving(self) -> bool:
        """Whether it counts among those that serve, and may be given faults."""
        return self.alive and not self.told and not self.frozen

    @property
    def crashed(self) -> bool:
        """Whether it ended at its crash point."""
        return self.crash_at is not None and self.code == -signal.SIGKILL and not self.killed

    def send(self, sign: signal.Signals) -> None:
        """Send it a signal, where it still is."""
        if sign in (signal.SIGKILL, signal.SIGTERM):
            self.told = True
            self.killed = sign == signal.SIGKILL
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sign)

    async def end(self, seconds: float = END_SECONDS) -> int:
        """Wait for its end and return its exit code, as `subprocess` counts. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            await self.ended.wait()
        assert self.code is not None
        return self.code

    async def stopped(self, seconds: float = END_SECONDS) -> None:
        """Wait until it stands still (SIGSTOP). Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while True:
                if not self.alive or _state(self.pid) == "T":
                    return
                await asyncio.sleep(LOOK_SECONDS)

    async def ready(self) -> None:
        """Wait until it is ready to take records. Raises AssertionError."""
        await ready(self.address)


class Workers:
    """Processes of one role. With `wanted` above zero it keeps so many serving."""

    def __init__(
        self, config: Path, directory: Path, mutation: str | None = None, role: str = "worker"
    ) -> None:
        self.wanted = 0
        self.processes: list[WorkerProcess] = []
        self.faults: Counter[str] = Counter()
        """Crash points that were hit."""
        self.surprises: list[str] = []
        """Workers that ended though none of the faults ended them."""
        self.config = config
        self._directory = directory
        self._mutation = mutation
        self._role = role
        assert role in ROLES
        self._fork_server: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self._started: asyncio.Queue[int] = asyncio.Queue()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the workers while the block runs; kill those that are left."""
        self._fork_server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.processes.fork_server", MAIN, *LOADED,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=clean_environment(), cwd=ROOT,
        )  # fmt: skip
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._keep_up())]
        try:
            yield
        finally:
            self.wanted = 0
            for process in self.processes:
                process.send(signal.SIGKILL)
            assert self._fork_server.stdin is not None
            self._fork_server.stdin.close()
            await self._fork_server.wait()
            for task in tasks:
                task.cancel()
            for failed in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(failed, Exception):
                    raise failed

    async def start(
        self,
        *,
        crash_at: CrashPoint | None = None,
        freeze_at: CrashPoint | None = None,
        defect_in: str | None = None,
        system: str | None = None,
    ) -> WorkerProcess:
        """Start one more process. ``system``: a worker serves it alone."""
        made = self._start(crash_at=crash_at, freeze_at=freeze_at, defect_in=defect_in, system=system)
        # One that is ordered must be noted, also where nobody waits for it any more: its end is told, too.
        return await asyncio.shield(made)

    async def _start(
        self,
        *,
        crash_at: CrashPoint | None,
        freeze_at: CrashPoint | None,
        defect_in: str | None,
        system: str | None,
    ) -> WorkerProcess:
        async with self._starting:
            number = len(self.processes) + 1
            log, clock = (
                self._directory / f"{self._role}-{number}.log",
                self._directory / f"clock-{self._role}-{number}",
            )
            port, listening = free_ports(2)
            arguments = ["--config", str(self.config), "--clock-file", str(clock), "--role", self._role]
            for option, value in (
                ("--crash-at", crash_at), ("--freeze-at", freeze_at), ("--defect-in", defect_in),
                ("--mutation", self._mutation), ("--system", system),
            ):  # fmt: skip
                arguments += [option, str(value)] if value else []
            variables = {"HERALD_HEALTH__PORT": str(port), **self._variables(listening)}
            order = {"main": MAIN, "arguments": arguments, "stdout": str(log), "stderr": str(log)}
            pid = await self._order({**order, "variables": clean_environment(**variables)})
            process = WorkerProcess(pid, ("127.0.0.1", port), log, clock, crash_at, defect_in, port=listening)
            self.processes.append(process)
        return process

    def serving(self) -> list[WorkerProcess]:
        """Return the workers that are serving."""
        return [process for process in self.processes if process.serving]

    def listening(self) -> list[WorkerProcess]:
        """Return those that may be called: also frozen ones, of which nobody knows it yet."""
        return [process for process in self.processes if process.alive and not process.told]

    def ports(self) -> list[int]:
        """Return where they listen, in turn; half of the turns are of those that wait for their crash."""
        listening = self.listening()
        ordinary = [one.port for one in listening if one.ordinary]
        crashing = [one.port for one in listening if not one.ordinary]
        return ordinary + [port for port in crashing for _ in range(max(1, len(ordinary) // len(crashing)))]

    def any_serving(self, chance: Random) -> WorkerProcess | None:
        """Return a serving worker that has no crash point, or None."""
        free = [process for process in self.serving() if process.ordinary]
        return chance.choice(free) if free else None

    async def stop(self) -> None:
        """Stop all workers in good order, and at once those that do not."""
        self.wanted = 0
        async with self._starting:
            pass  # no worker is being started any more
        await asyncio.gather(*(self.stop_one(process) for process in self.processes if process.alive))

    async def stop_one(self, process: WorkerProcess) -> None:
        """Tell a worker to stop and wait until it has; one that does not is killed, and reported."""
        process.send(signal.SIGCONT)
        process.send(signal.SIGTERM)
        try:
            await process.end()
        except TimeoutError:
            self.surprises.append(f"the process of {process.log.name} did not stop within {END_SECONDS} s")
            process.send(signal.SIGKILL)
            await process.end()

    def _variables(self, port: int) -> dict[str, str]:
        """Return what a receiver needs beside. Nobody asks its probes: they take whatever port is free."""
        if self._role != "receiver":
            return {}
        return {"HERALD_RECEIVER__PORT": str(port), "HERALD_HEALTH__PORT": "0"}

    async def _order(self, order: dict[str, Any]) -> int:
        assert self._fork_server is not None
        assert self._fork_server.stdin is not None
        self._fork_server.stdin.write(json.dumps(order).encode() + b"\n")
        return await self._started.get()

    async def _listen(self) -> None:
        assert self._fork_server is not None
        assert self._fork_server.stdout is not None
        while line := await self._fork_server.stdout.readline():
            said = json.loads(line)
            if "started" in said:
                self._started.put_nowait(said["started"])
            else:
                await self._ended(said["ended"], said["code"])

    async def _ended(self, pid: int, code: int) -> None:
        process = await self._of(pid)
        process.code = code
        process.ended.set()
        if process.crashed:
            self.faults[f"crash-{process.crash_at.name}"] += 1
        elif not process.told or code not in TOLD_CODES:
            self.surprises.append(f"the process of {process.log.name} ended by itself with code {code}")

    async def _of(self, pid: int) -> WorkerProcess:
        while True:
            for process in self.processes:
                if process.pid == pid and process.alive:
                    return process
            await asyncio.sleep(0)  # it ended before `start` could note it

    async def _keep_up(self) -> None:
        while True:
            missing = self.wanted - len([process for process in self.serving() if process.ordinary])
            for _ in range(missing):
                await self.start()
            for process in self._too_many(-missing):
                process.send(signal.SIGTERM)
            await asyncio.sleep(LOOK_SECONDS)

    def _too_many(self, count: int) -> list[WorkerProcess]:
        free = [process for process in self.serving() if process.ordinary]
        return free[: max(count, 0)] if self.wanted else []


def _state(pid: int) -> str:
    """Return the state of a process as Linux shows it: T is stopped."""
    try:
        return (
            Path(f"/proc/{pid}/stat")
            .read_text(encoding="ascii", errors="replace")
            .rpartition(")")[2]
            .split()[0]
        )
    except OSError:
        return "gone"
