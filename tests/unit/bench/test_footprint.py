"""The CPU time of a process and of what it started."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.bench.footprint import cpu_of_tree

BURN = "import time\nwhile time.process_time() < 0.3: pass\n"
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {BURN!r} + sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline() or child.wait()
print("burnt", flush=True)
sys.stdin.read()
child.stdin.close()
child.wait()
"""


@pytest.mark.parametrize("then", ["print(flush=True); input()", ""], ids=["it runs", "it has ended"])
def test_what_a_child_used_counts(then):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, then],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as parent:
        assert parent.stdout.readline() == b"burnt\n"
        used = cpu_of_tree(parent.pid)
        parent.stdin.close()

    assert used >= 0.29
