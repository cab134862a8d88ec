"""Both event loops for tests of the transport: their TLS and their errors differ, and the worker runs on uvloop."""

from __future__ import annotations

import asyncio

import uvloop


def pytest_asyncio_loop_factories(config, item):
    """Run each asynchronous test on both; a conftest imports this name as its hook."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
