"""A database that agrees with whatever clock a test sets: otherwise nothing is old by both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from worker.admin import retention, scheduled_retention
from worker.files import collecting


async def _agreed(_connection: Any, now: datetime) -> datetime:
    return now


@pytest.fixture
def time_travel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what removes by age follow the clock of the test alone."""
    for module in (retention, scheduled_retention, collecting):
        monkeypatch.setattr(module, "earlier_time", _agreed)
