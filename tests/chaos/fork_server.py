"""Forks workers from a process that has loaded everything: a start costs a tenth of what a new Python does.

`python -m tests.chaos.fork_server` reads a JSON line for each worker to start (`arguments`, `log`, `variables`) and
writes one when it has started (`started`: its pid) and one when it has ended (`ended`: pid, `code`: as
`subprocess` counts). At the end of its input it kills what still runs.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import Any

from tests.chaos import worker

LOOK_SECONDS = 0.05


def main() -> None:
    """Serve until the input ends."""
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
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for old, new in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(old, new)
        os.environ.update(order["variables"])
        code = _live(order["arguments"])
    finally:
        os._exit(code)


def _live(arguments: list[str]) -> int:
    try:
        worker.main(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
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
