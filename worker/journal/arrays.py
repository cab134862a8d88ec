"""What asyncpg takes for an array: a list or a tuple, told by its type and not by abstract base classes.

asyncpg asks of each element of an array parameter whether it is an array itself, by classes whose check is written in
Python: 15 of the 70 microseconds that the journal took of a worker for a submission. It looks these classes up by name
in its module, so they are replaced there; a unit test holds the installed version to it. Herald's arrays are lists and
tuples.
"""

from __future__ import annotations

from typing import Any, cast

from asyncpg.protocol import protocol

ASKED_FOR = ("IterableABC", "SizedABC")
ARRAYS = (list, tuple)


def install() -> None:
    """Let all connections of this process tell arrays by their type."""
    module = cast("Any", protocol)
    for name in ASKED_FOR:
        setattr(module, name, ARRAYS)
