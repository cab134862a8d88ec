"""Runs a Herald command as on a read-only file system: everything that Python would write is refused (EROFS).

`python tests/support/worker/read_only.py ARGUMENTS`. What libraries in C write by themselves is not seen.
"""

from __future__ import annotations

import errno
import os
import runpy
import sys
from pathlib import Path

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"mkdir", "rename", "remove", "rmdir", "link", "symlink", "chmod", "chown", "truncate", "utime"}
_NOT_FILES = ("/dev/", "/proc/self/fd/")


def refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Raise OSError for what changes a file or folder. Descriptors that are open already may be written."""
    room, _, act = event.rpartition(".")
    if event == "open":
        path, flags = os.fsdecode(arguments[0]) if isinstance(arguments[0], str | bytes) else "", arguments[2]
        changes = isinstance(flags, int) and bool(flags & _WRITING)
    else:
        path = os.fsdecode(arguments[0]) if arguments and isinstance(arguments[0], str | bytes) else ""
        changes = room == "os" and act in _CHANGES
    if changes and path and not path.startswith(_NOT_FILES):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    sys.addaudithook(refuse)
    runpy.run_module("worker", run_name="__main__", alter_sys=True)
