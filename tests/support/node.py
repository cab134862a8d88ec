"""Node's programs of `tests/asyncapi`: the tests that need them are skipped, visibly, where they are not installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "asyncapi"
TIMEOUT = 100.0  # seconds, as the next one
TIMEOUT_OF_LONG_SCRIPTS = 280.0


def node_program(package: str) -> str:
    """Return the path of Node; skip the test (in CI: fail it) where Node or this package is absent."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules" / package).is_dir():
        why = f"{package} is not installed: needs Node.js and `npm ci --prefix tests/asyncapi`"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    return node


def run_script(
    node: str, script: str, *arguments: str | Path, timeout: float = TIMEOUT
) -> subprocess.CompletedProcess[str]:
    """Run a script of the folder to its end."""
    return subprocess.run(
        [node, str(FOLDER / script), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
