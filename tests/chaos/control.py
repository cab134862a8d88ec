"""Asking the control of a sandbox, which is unavailable in an outage too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import httpx

T = TypeVar("T")
PAUSE = 0.5


async def ask(question: Callable[[], T]) -> T:
    """Ask until there is an answer."""
    while True:
        try:
            return await asyncio.to_thread(question)
        except httpx.TransportError:
            await asyncio.sleep(PAUSE)
