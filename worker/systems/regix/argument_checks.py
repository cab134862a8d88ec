"""Checks of arguments by their schemas, of which none holds up the event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

    from contracts.regix.requests import RequestReport
    from worker.systems.regix.arguments import OwnSchemas, Shape


class ArgumentChecks:
    """Checks by the operator's schema where there is one, else by the shipped one, in a thread, one after another.

    An operator's argument may be megabytes, and lxml's schemas are for one thread at a time.
    """

    def __init__(self, own: OwnSchemas) -> None:
        self._own = own
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="regix-arguments")

    async def check(
        self, name: str, argument: etree._Element, shape: Shape | None, data: RequestReport
    ) -> None:
        """Check an argument. Raises Refused with all problems."""
        loop = asyncio.get_running_loop()
        if name in self._own:
            path = "$.data.argument" if data.xml is None else "$.data.xml"
            await loop.run_in_executor(self._thread, self._own.check, name, argument, path)
        elif shape is not None and data.xml is None:
            await loop.run_in_executor(self._thread, shape.check, argument)

    def close(self) -> None:
        """End the thread after its current check; checks that still wait are cancelled."""
        self._thread.shutdown(wait=False, cancel_futures=True)
