"""Tests marked `alone` run while no test of another process (pytest-xdist) runs.

They need the whole machine: those that kill and start many processes in a bounded time, and those that compare times.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Take part in a run of several processes; in a run of one, every test is alone."""
    config.addinivalue_line("markers", "alone: needs the whole machine; no other test runs beside it")
    if run := getattr(config, "workerinput", {}).get("testrunuid"):
        config.pluginmanager.register(_Turns(Path(tempfile.gettempdir()) / f"tests-{run}"))


class _Turns:
    """Gives the tests of this process their turns among those of the others."""

    def __init__(self, name: Path) -> None:
        self._turnstile = name.with_suffix(".turnstile")
        self._running = name.with_suffix(".running")

    @pytest.hookimpl(wrapper=True, tryfirst=True)  # outside the timeout: waiting is no part of the test
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Run a test beside others, or alone."""
        kind = fcntl.LOCK_EX if item.get_closest_marker("alone") else fcntl.LOCK_SH
        # Who waits for its turn holds the turnstile, so that a test that runs alone need not wait for the last one.
        with _opened(self._turnstile) as turnstile, _opened(self._running) as running:
            fcntl.flock(turnstile, fcntl.LOCK_EX)
            fcntl.flock(running, kind)
            fcntl.flock(turnstile, fcntl.LOCK_UN)
            return (yield)

    def pytest_unconfigure(self) -> None:
        """Delete the files; a process that still has tests makes them again."""
        self._turnstile.unlink(missing_ok=True)
        self._running.unlink(missing_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
