"""Circuit breakers whose time a test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.fakes.breakers import Bench


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await made.breakers.close()
