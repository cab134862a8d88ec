"""An intake on a scripted consumer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.fakes.intake import Bench

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.end()
