"""SoftHSM 2, a token in software: `python -m tests.support.softhsm.install`. On Debian as root it is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
MODULE = "SOFTHSM2_MODULE"
SECONDS = 240.0


class SoftHsmUnavailableError(Exception):
    """There is no SoftHSM, and it cannot be installed; the message says how to get it."""


def install() -> Path:
    """Return the module. Raises SoftHsmUnavailableError."""
    if found := _found():
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise SoftHsmUnavailableError(f"install softhsm2, or name its libsofthsm2.so in {MODULE}")
    try:
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "softhsm2"]):
            subprocess.run(["apt-get", *command], check=True, capture_output=True, timeout=SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        raise SoftHsmUnavailableError(f"apt-get install softhsm2 failed ({type(error).__name__})") from None
    if found := _found():
        return found
    raise SoftHsmUnavailableError("softhsm2 is installed, and its libsofthsm2.so is at no known place")


def _found() -> Path | None:
    named = os.environ.get(MODULE)
    places = [named] if named else PLACES
    tool = shutil.which("softhsm2-util")
    return next((Path(one) for one in places if tool and Path(one).is_file()), None)


def main() -> None:
    """Install it, or say why its tests will be skipped; never fails."""
    try:
        install()
    except SoftHsmUnavailableError as why:
        print(f"SoftHSM: none, its tests will be skipped: {why}", file=sys.stderr)  # noqa: T201 - its whole output


if __name__ == "__main__":
    main()
