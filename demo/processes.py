"""The demo's own processes: started with a log each, watched, and stopped in the opposite order."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.signals import postponed

if TYPE_CHECKING:
    from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 15.0
"""After that a process is killed; the worker's own drain is shorter (environment.py)."""
LOG_LINES = 12


class EnvironmentFailed(Exception):
    """A part of the environment did not start, or ended; the text says which, and how its log ends."""


@dataclass(frozen=True, slots=True)
class Part:
    """A `herald` command that runs until it is stopped."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def failed(self, what: str) -> EnvironmentFailed:
        """Return the error that says what happened to this part."""
        return EnvironmentFailed(f"The {self.name} {what}. {last_lines(self.log)}")

    def check(self) -> None:
        """Raise EnvironmentFailed if the process has ended."""
        code = self.process.poll()
        if code is not None:
            raise self.failed(f"ended with status {code}")

    def first_line(self) -> bytes:
        """Return the first line on stdout, which says that the part is ready. Raises EnvironmentFailed."""
        output = self.process.stdout
        assert output is not None  # noqa: S101  # for those started with a pipe
        with selectors.DefaultSelector() as waiting:
            waiting.register(output, selectors.EVENT_READ)
            if not waiting.select(START_SECONDS):
                raise self.failed(f"did not become ready within {START_SECONDS:.0f} s")
        line = output.readline()
        if not line:
            self.process.wait()
            raise self.failed("did not start")
        return line


class Processes:
    """Runs `herald` commands; a log for each lies below `directory`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._parts: list[Part] = []

    def run(self, name: str, *arguments: str) -> None:
        """Run a command to its end. Raises EnvironmentFailed."""
        log = self._log(name)
        with log.open("ab") as output:
            try:
                done = subprocess.run(  # noqa: S603  # our own command line
                    _command(arguments), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                    env=_environment(), start_new_session=True, timeout=START_SECONDS, check=False,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                raise EnvironmentFailed(
                    f"{name} took longer than {START_SECONDS:.0f} s. {last_lines(log)}"
                ) from None
        if done.returncode:
            raise EnvironmentFailed(f"{name} failed. {last_lines(log)}")

    def start(self, name: str, *arguments: str, ready_line: bool = False) -> Part:
        """Start a command that keeps running; with `ready_line` its stdout is for `Part.first_line`."""
        log = self._log(name)
        # In a session of its own: Ctrl-C reaches the demo alone, which then stops the parts in order.
        with postponed(), log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603  # our own command line
                _command(arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if ready_line else output,
                stderr=output, env=_environment(), start_new_session=True,
            )  # fmt: skip
            self._parts.append(Part(name, process, log))
        return self._parts[-1]

    def check(self) -> None:
        """Raise EnvironmentFailed if one of them has ended."""
        for part in self._parts:
            part.check()

    def close(self) -> None:
        """Stop them, the last one first."""
        while self._parts:
            _end(self._parts.pop().process)

    def _log(self, name: str) -> Path:
        return self._directory / f"{name.replace(' ', '-')}.log"


def last_lines(log: Path) -> str:
    """Return the end of a log, as part of a sentence."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
    except OSError:
        lines = []
    if not lines:
        return f"Its log, {log}, is empty."
    return f"The end of its log, {log}:\n" + "\n".join(f"  {line}" for line in lines)


def _command(arguments: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "worker", *arguments]


def _environment() -> dict[str, str]:
    """Return the environment variables without the settings of another worker."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HERALD_")}


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
