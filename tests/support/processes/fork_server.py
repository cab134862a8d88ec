"""Forks processes from one that has loaded everything: a start costs a tenth of what a new Python does.

`python -m tests.support.processes.fork_server MODULE ...` imports the modules, calls the function `before_fork` of
those that have one, then reads a JSON line for each process to start: `main` (a module, whose function `main` it
calls), `arguments`, `stdout` and `stderr` (files, to which it appends) and `variables` (its whole environment). It
writes one when it has started (`started`: its pid) and one when it has ended (`ended`: pid, `code`: as `subprocess`
counts). At the end of its input it kills what still runs.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

LOOK_SECONDS = 0.05


def main() -> None:
    """Serve until the input ends."""
    for name in sys.argv[1:]:
        getattr(import_module(name), "before_fork", _nothing)()
    gc.freeze()  # a collection in a forked process would touch, and so copy, every page of what was loaded
    children: set[int] = set()
    pending = b""
    while True:
        if select.select([0], [], [], LOOK_SECONDS)[0]:
            read = os.read(0, 65536)
            if not read:
                break
            *lines, pending = (pending + read).split(b"\n")
            for line in lines:
                pid = _fork(json.loads(line))
                children.add(pid)
                _say(started=pid)
        for pid in tuple(children):
            _reap(pid, children)
    for pid in children:
        os.kill(pid, signal.SIGKILL)
    for pid in children:
        os.waitpid(pid, 0)


def _nothing() -> None:
    """Most modules need no more than to be imported."""


def _reap(pid: int, children: set[int]) -> None:
    found, status = os.waitpid(pid, os.WNOHANG)
    if found:
        children.discard(pid)
        _say(ended=pid, code=os.waitstatus_to_exitcode(status))


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for name, new in (("stdout", 1), ("stderr", 2)):
            os.dup2(os.open(order[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND), new)
        os.environ.clear()
        os.environ.update(order["variables"])
        sys.argv = [order["main"], *order["arguments"]]
        code = _live(order["main"])
    finally:
        os._exit(code)


def _live(module: str) -> int:
    try:
        import_module(module).main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - the log has it; the code tells
        import traceback

        traceback.print_exc()
        return 71
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _say(**what: int) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    assert Path.cwd().joinpath("tests").is_dir(), "run from the root of the checkout"
    main()
