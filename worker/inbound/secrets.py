"""The secret part of a route's path: read from its file, and compared in constant time."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING

from worker.configuration_error import ConfigurationError
from worker.secret_file import read_secret

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_FORM = re.compile(r"[A-Za-z0-9_-]{32,200}")
MOST = 10
"""Secrets of one route: the one in use, the next, and some room."""


def secrets_in(path: Path) -> tuple[bytes, ...]:
    """Return the secrets of a file, a line each. Raises ConfigurationError, which holds none of them."""
    lines = [line.strip() for line in read_secret(path, "file with the path's secrets").splitlines()]
    found = [line for line in lines if line]
    for number, line in enumerate(found, 1):
        if not _FORM.fullmatch(line):
            raise ConfigurationError(
                f"line {number} of {path} must be 32 to 200 letters a-z, digits, - and _, as"
                " `openssl rand -hex 32` prints them"
            )
    if len(found) > MOST:
        raise ConfigurationError(f"{path} has {len(found)} secrets; at most {MOST} are accepted")
    return tuple(line.encode() for line in found)


def is_one_of(secrets: Iterable[bytes], given: str) -> bool:
    """Whether it is one of the secrets. All are compared, each in a time that depends on the lengths alone."""
    said = given.encode("utf-8", "surrogateescape")
    return sum(hmac.compare_digest(one, said) for one in secrets) > 0
