"""The S3 server of the tests, which Go builds in a minute: `python -m tests.support.files.install`, before any test.

A test that built it would use up its own time, and so would a test of another process that waits for the same build.
"""

from __future__ import annotations

import shutil
import sys

from tests.deploy.tools import ToolFailedError, program


class NoGoError(Exception):
    """There is no Go, so its tests skip; the message says so."""


def s3_program() -> str:
    """Return the server's program, which is built where it is missing. Raises NoGoError, ToolFailedError."""
    if shutil.which("go") is None:
        raise NoGoError("the S3 server of the tests is built by Go, and there is no `go` on the path")
    return program("versitygw")


def main() -> None:
    """Install it, or say why its tests will be skipped or fail; never fails."""
    try:
        s3_program()
    except NoGoError as why:
        print(f"S3 server: none, its tests will be skipped: {why}", file=sys.stderr)  # noqa: T201 - its whole output
    except ToolFailedError as why:
        print(f"S3 server: none, its tests will fail: {why}", file=sys.stderr)  # noqa: T201 - as above


if __name__ == "__main__":
    main()
