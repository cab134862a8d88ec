"""Where tests keep their files: in memory, where the system has such a place with enough room.

The brokers and databases of a run make and delete some hundred thousand small files, and a disk's share of that is CPU.
What is to be as in production (the benchmarks, the chaos run) stays on the disk.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

ON_DISK, _IN_MEMORY = Path("/tmp"), Path("/dev/shm")  # noqa: S108 - each use makes a directory of its own there
_ENOUGH = 4 * 2**30  # bytes: a run keeps some three hundred megabytes, and pytest those of three runs


def temporary_directory() -> Path:
    """Return a directory for files that need not outlive the machine; its path is short, for sockets below it."""
    fits = _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ENOUGH
    return _IN_MEMORY if fits else ON_DISK


def pytest_configure() -> None:
    """Let `tmp_path` lie there, unless whoever runs the tests says where."""
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(temporary_directory()))
