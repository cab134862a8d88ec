"""Turns of tests in a run of several processes (pytest-xdist).

Tests marked `alone` run while no test of another process runs: they compare times. Beside those marked `beside_one`,
one other process runs its tests, and the rest wait: these kill and start many processes in a bounded time. Unit tests,
which start few and seldom wait, run beside them in any number.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

UNIT = "tests/unit/"
MARKERS = (
    "alone: needs the whole machine; no other test runs beside it",
    "beside_one: needs half of the machine; the tests of one other process run beside it, and unit tests",
)

FILES = ("turnstile", "running", "wide", "seat")
"""What processes lock: who waits for its turn; each test, or one that is alone; each test while any number may run, or
one of `beside_one`; the test beside that one."""


def pytest_configure(config: pytest.Config) -> None:
    """Take part in a run of several processes; in a run of one, every test is alone."""
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if run := getattr(config, "workerinput", {}).get("testrunuid"):
        config.pluginmanager.register(_Turns(run))
    else:
        config.pluginmanager.register(_Files())


def _file(run: str, name: str) -> Path:
    return Path(tempfile.gettempdir()) / f"tests-{run}.{name}"


class _Files:
    """Deletes the files of the turns when all processes have ended: one that still waits for its turn needs them."""

    def __init__(self) -> None:
        self._runs: set[str] = set()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Note the run that a process takes part in (hook of pytest-xdist)."""
        self._runs.add(node.workerinput["testrunuid"])

    def pytest_unconfigure(self) -> None:
        """Delete what is left."""
        for run in self._runs:
            for name in FILES:
                _file(run, name).unlink(missing_ok=True)


class _Turns:
    """Gives the tests of this process their turns among those of the others."""

    def __init__(self, run: str) -> None:
        self._turnstile, self._running, self._wide, self._seat = (_file(run, name) for name in FILES)

    @pytest.hookimpl(wrapper=True, tryfirst=True)  # outside the timeout: waiting is no part of the test
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Run a test beside others, beside one other, or alone."""
        with ExitStack() as held:
            if not self._begun(item, held):
                fcntl.flock(held.enter_context(_opened(self._seat)), fcntl.LOCK_EX)
            return (yield)

    def _begun(self, item: pytest.Item, held: ExitStack) -> bool:
        """Wait until the test may run; False where it still needs the seat."""
        running, wide = (held.enter_context(_opened(path)) for path in (self._running, self._wide))
        # Who waits for its turn holds the turnstile, so that a test that runs alone need not wait for the last one.
        with _opened(self._turnstile) as turnstile:
            fcntl.flock(turnstile, fcntl.LOCK_EX)
            alone = item.get_closest_marker("alone") is not None
            fcntl.flock(running, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            if item.get_closest_marker("beside_one"):
                fcntl.flock(wide, fcntl.LOCK_EX)
                return True
            if item.nodeid.startswith(UNIT):
                return True
            try:
                fcntl.flock(wide, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
