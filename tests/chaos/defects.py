"""Defects: a worker in which a method of the system's port raises what no code foresaw, the first few times.

They exist in test processes only: they wrap the port from outside, as crash points do.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any

from worker.composition import systems

METHODS = ("prepare", "exchange", "interpret", "settle")
TIMES = 2
"""Less than `retry.defects`: one submission that meets all of them still comes to its end by itself."""
MARK = "chaos: a defect in"


class Injected(Exception):
    """A defect; nothing in Herald knows this class."""


def install(method: str) -> None:
    """Let a method of every system that is built raise at its first calls; each is noted in the worker's log."""
    build = systems.build_system
    left = TIMES

    def fail() -> None:
        nonlocal left
        if left:
            left -= 1
            print(f"{MARK} {method}", file=sys.stderr, flush=True)
            raise Injected

    def built(*args: Any, **kwargs: Any) -> Any:
        system: Any = build(*args, **kwargs)
        setattr(system, method, _failing(getattr(system, method), fail))
        return system

    systems.build_system = built


def _failing(call: Callable[..., Any], fail: Callable[[], None]) -> Callable[..., Any]:
    if not inspect.iscoroutinefunction(call):

        @functools.wraps(call)
        def at_once(*args: Any, **kwargs: Any) -> Any:
            fail()
            return call(*args, **kwargs)

        return at_once

    @functools.wraps(call)
    async def awaited(*args: Any, **kwargs: Any) -> Any:
        fail()
        return await call(*args, **kwargs)

    return awaited
