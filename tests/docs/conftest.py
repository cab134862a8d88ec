"""What a reader of README.md has: the demo, run and left running, and a terminal beside it."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.demo.environment import processes_of, running_demo, short_directory
from tests.support.readme import ROOT


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who follows the page: what the demo printed, and where and with what the terminal runs."""

    printed: str
    directory: Path
    environment: dict[str, str]

    def run(self, command: list[str]) -> str:
        """Run a command in the terminal and return its stdout; it must succeed."""
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout


class SharedDemo:
    """The demo that the pages share: it starts when the first of them needs it."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._reader: Reader | None = None

    def reader(self, tmp_path_factory: pytest.TempPathFactory) -> Reader:
        if self._reader is None:
            self._reader = self._stack.enter_context(_reading(tmp_path_factory))
        return self._reader

    def end(self) -> None:
        self._reader = None
        self._stack.close()


SHARED = SharedDemo()


@pytest.fixture(scope="session")
def shared_demo() -> Iterator[SharedDemo]:
    """End it in any case: a run that is stopped leaves tests out."""
    yield SHARED
    SHARED.end()


@pytest.fixture
def reader(shared_demo: SharedDemo, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """Beside a demo that all pages share: what is done here must not change what others look at."""
    return shared_demo.reader(tmp_path_factory)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the demo with the last test of this folder: its dozen processes would run beside all other tests."""
    if nextitem is None or not nextitem.path.is_relative_to(Path(__file__).parent):
        SHARED.end()


@pytest.fixture(scope="module")
def own_reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Beside a demo of this page's own, of NHIS alone: it is ready in a third of the time."""
    with _reading(tmp_path_factory, "--system", "nhis") as reader:
        yield reader


@contextmanager
def _reading(tmp_path_factory: pytest.TempPathFactory, *options: str) -> Iterator[Reader]:
    """Run `herald demo --keep` and read until it waits; at the end Ctrl-C, which must leave nothing behind."""
    with short_directory() as place, running_demo(place, "--keep", *options) as process:
        printed = _read(process)
        yield Reader(printed, tmp_path_factory.mktemp("reader"), _environment(printed))
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == ("", "")
        assert process.returncode == 0
        assert processes_of(place) == []
        assert list(place.iterdir()) == []


def _read(process: subprocess.Popen[str]) -> str:
    printed = ""
    while "Query the worker" not in printed:
        line = process.stdout.readline()
        assert line, (printed, process.communicate())
        printed += line
    return printed + process.stdout.readline()


def _environment(printed: str) -> dict[str, str]:
    """Return what the terminal's variables are after the two lines of the page that set them."""
    (exports,) = re.findall(r"^  export (DEMO=.*)$", printed, re.MULTILINE)
    variables = dict(word.split("=", 1) for word in shlex.split(exports))
    assert set(variables) == {"DEMO", "KAFKA", "HERALD_CONFIG"}
    programs = [str(Path(sys.executable).parent), os.environ["PATH"]]
    return {**variables, "PATH": ":".join(programs), "PWD": str(ROOT), "LC_ALL": "C.UTF-8", "PYTHONUTF8": "1"}
