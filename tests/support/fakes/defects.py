"""Systems whose methods fail in ways that no port knows, with a text that must not come out anywhere."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.fakes.one_delivery import (
    SUBMISSION,
)
from tests.support.fakes.one_worker import Worker
from tests.support.fakes.ports import ScriptedSystem, unknown
from worker.pipeline.ports import State
from worker.systems.port import NotPrepared

SECRET = "Иванов 8001010000"


class PanicException(BaseException):
    """As a library in Rust raises it: no Exception."""


EXCEPTIONS = [
    ValueError(SECRET),
    KeyError(SECRET),
    RecursionError(SECRET),
    AssertionError(SECRET),
    UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET),
    ExceptionGroup(SECRET, [OSError(SECRET)]),
    NotPrepared(unknown()),
    asyncio.CancelledError(SECRET),
    PanicException(SECRET),
    GeneratorExit(SECRET),
    SystemExit(SECRET),
    BaseExceptionGroup(SECRET, [PanicException(SECRET)]),
]
SYNC = {"identity", "recovery", "interpret", "settle"}


def broken(system: ScriptedSystem, where: str, error: BaseException, times: int = 1000) -> None:
    """Let a method fail so many times; `exchange sent` fails when its first byte has left."""
    method = where.partition(" ")[0]
    real: Callable[..., Any] = getattr(system, method)
    left = [times]

    def fails() -> bool:
        left[0] -= 1
        return left[0] >= 0

    def sync(*args: Any) -> Any:
        if fails():
            raise error
        return real(*args)

    async def waits(*args: Any) -> Any:
        if fails():
            if where == "exchange sent":
                args[1].begin()
                system.log.append("sent submit")
                system.sent.append(args[0])
            raise error
        return await real(*args)

    setattr(system, method, sync if method in SYNC else waits)


def told(worker: Worker) -> str:
    """Return the last reply."""
    return (worker.replies.events[-1].value or b"").decode()


def dead(worker: Worker) -> list[str]:
    return [
        dict(event.headers)["reason"].decode()
        for event in worker.replies.events
        if event.topic == "dead-letters"
    ]


async def ended(worker: Worker, caplog: pytest.LogCaptureFixture) -> State:
    """Process one record to its end, and look whether anything of an exception's text came out anywhere."""
    caplog.set_level(logging.DEBUG)
    await asyncio.wait_for(worker.process(), 10)
    kept = repr(worker.store.entries) + repr(worker.replies.events)
    shown = "".join(repr(vars(line)) + caplog.handler.format(line) for line in caplog.records)
    assert SECRET not in kept + shown
    assert "8001010000" not in kept + shown
    return worker.store.entries[(SUBMISSION.source, SUBMISSION.id)].state
