"""Defects in reading a record, and what is none: an end of the process or of the task."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from contracts.reasons import Reason
from tests.support.fakes.defects import SECRET, PanicException, broken
from tests.support.fakes.one_delivery import (
    SUBMISSION,
)
from tests.support.fakes.one_worker import Worker, record
from tests.support.fakes.ports import NOON
from worker.pipeline import reading
from worker.pipeline.contained import ContainedSystem
from worker.pipeline.flood.causes import Sender
from worker.pipeline.reading import Reader
from worker.systems.port import Attempt


@pytest.mark.parametrize("error", [ValueError(SECRET), PanicException(SECRET)])
def test_a_record_that_a_defect_keeps_from_being_read_is_invalid(error: BaseException) -> None:
    def fails(_: str) -> bool:
        raise error

    reader = Reader("nhis", knows_signer=fails, today=lambda: None, max_event_bytes=1000)  # type: ignore[arg-type,return-value]
    read = reader.read(named_record())
    assert (read.reason, read.submission and read.submission.id) == (Reason.DEFECT, "1")  # type: ignore[union-attr]
    assert SECRET not in repr(read)


def named_record() -> Any:
    headers = {
        "ce_specversion": "1.0",
        "ce_id": "1",
        "ce_source": "https://his.example",
        "ce_type": "nhis.immunization.search.v1",
        "ce_signer": "one",
        "content-type": "application/json",
    }
    taken = record()
    return type(taken)(
        taken.topic, 0, 0, 0, b"key", b"{}", tuple((name, value.encode()) for name, value in headers.items())
    )


@pytest.mark.parametrize("place", ["decode", "peek"])
def test_a_panic_of_a_decoder_stops_its_record_alone(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def panics(*_: object, **__: object) -> None:
        raise PanicException(SECRET)

    monkeypatch.setattr(reading, place, panics)
    reader = Reader("nhis", knows_signer=bool, today=lambda: None, max_event_bytes=1000)  # type: ignore[arg-type,return-value]
    if place == "peek":
        assert reader.sender(named_record()) == Sender()
    else:
        assert reader.read(named_record()).reason is Reason.DEFECT  # type: ignore[union-attr]


async def test_a_key_press_that_ends_the_process_is_no_defect() -> None:
    worker = Worker()
    broken(worker.system, "check", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        await ContainedSystem(worker.system).check(SUBMISSION)


async def test_work_that_is_closed_from_outside_ends_and_is_no_defect(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As the interpreter does it to what never ended: going on would be an error of its own."""
    worker = Worker()

    async def waits(*_: object) -> None:
        await asyncio.Event().wait()

    worker.system.prepare = waits  # type: ignore[method-assign,assignment]
    attempt = Attempt(1, "message", NOON, "identity")
    work = ContainedSystem(worker.system).prepare(SUBMISSION, attempt)

    async def begin() -> None:
        work.send(None)

    await asyncio.create_task(begin())
    work.close()
    assert caplog.records == []
