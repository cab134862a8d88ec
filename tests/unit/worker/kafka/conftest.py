"""An intake on a scripted consumer, and a window whose work the test controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.fakes.intake import Bench
from tests.support.fakes.window import Work
from worker import cancelling
from worker.kafka.window import Window

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.end()


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
async def window(work: Work, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Window]:
    monkeypatch.setattr(cancelling, "ABANDON_PAUSE", 0.01)
    made = Window(work, max_records=8, max_bytes=1000)
    yield made
    await made.stop(0)
