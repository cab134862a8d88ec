import asyncio

import uvloop


def pytest_asyncio_loop_factories(config, item):
    """Both event loops: their TLS and their errors differ, and the worker runs on uvloop."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
