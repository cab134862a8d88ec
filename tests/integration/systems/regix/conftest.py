"""Both event loops for what speaks to RegiX from this process; in the other tests a whole worker does, on its own."""

from __future__ import annotations

from tests.support.transport import event_loops


def pytest_asyncio_loop_factories(config, item):
    """Return the loops of one test."""
    both = event_loops.pytest_asyncio_loop_factories(config, item)
    return both if item.path.stem == "test_wire" else {"asyncio": both["asyncio"]}
