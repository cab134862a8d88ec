"""Processes of Herald's that are forked: for tests that need a process, and are not about its start."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Lock, Thread

from worker.systems.registry import SYSTEMS

ROOT = Path(__file__).resolve().parents[3]
LOADED = (
    "anyio._backends._asyncio",
    "sandbox.command",
    "sandbox.server",
    "worker.cli.commands.receiver",
    "worker.cli.commands.worker",
    *(f"worker.systems.{name.replace('-', '_')}.build" for name in SYSTEMS),
    "tests.support.processes.shared_schemas",
)
"""What a worker or a receiver loads, whatever it serves, and most of what commands and sandboxes load.

anyio, which httpx waits with, loads its part for asyncio at the first wait."""
START_SECONDS = 60.0


class Forked:
    """A process, with what tests use of `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = Event()

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return its exit code. Raises subprocess.TimeoutExpired."""
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, sign: int) -> None:
        """Send it a signal, where it still is."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, sign)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to stop."""
        self.send_signal(signal.SIGTERM)

    def end(self, code: int) -> None:
        """Note that it has ended."""
        self.returncode = code
        self._ended.set()


class ForkServer:
    """A process that has loaded modules, and forks those that are asked for."""

    def __init__(self, *modules: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.processes.fork_server", *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        self._ordering = Lock()
        self._started: SimpleQueue[Forked] = SimpleQueue()
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def start(
        self, main: str, *arguments: str, stdout: Path, stderr: Path, variables: Mapping[str, str]
    ) -> Forked:
        """Call the function `main` of a module in a process of its own. ``variables`` are its whole environment.

        What it writes is appended to the files. Raises queue.Empty where the server does not answer.
        """
        order = {"main": main, "arguments": arguments, "stdout": str(stdout), "stderr": str(stderr)}
        order["variables"] = dict(variables)
        with self._ordering:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()
            return self._started.get(timeout=START_SECONDS)

    def close(self) -> None:
        """End it, and every process that it started."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._listener.join()
        self._process.stdout.close()

    def _listen(self) -> None:
        running: dict[int, Forked] = {}
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if "started" in said:
                running[said["started"]] = process = Forked(said["started"])
                self._started.put(process)
            else:
                running.pop(said["ended"]).end(said["code"])
        for process in running.values():
            process.end(-signal.SIGKILL)  # as the server does with them at its end


@cache
def fork_server() -> ForkServer:
    """Return the server of this process, which starts it when it is first needed."""
    server = ForkServer(*LOADED)
    atexit.register(server.close)
    return server
