"""The flood guards of two workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.fakes.flood import Workers
from tests.support.fakes.ports import settle


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    made = Workers()
    await settle()
    yield made
    for task in made.tasks:
        task.cancel()
    await asyncio.gather(*made.tasks, return_exceptions=True)
