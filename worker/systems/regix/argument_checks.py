"""Checks of arguments by their schemas, of which none holds up the event loop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from worker.systems.regix.beside import LARGE, Beside

if TYPE_CHECKING:
    from lxml import etree

    from contracts.regix.requests import RequestReport
    from worker.systems.regix.arguments import OwnSchemas, Shape


ALWAYS = LARGE + 1
"""A size by which a check runs in the thread, however small the argument is."""


class ArgumentChecks:
    """Checks by the operator's schema where there is one, else by the shipped one, in a thread, one after another.

    An operator's argument may be megabytes, and lxml's schemas are for one thread at a time.
    """

    def __init__(self, own: OwnSchemas) -> None:
        self._own = own
        self._thread = Beside("regix-arguments")

    async def check(
        self, name: str, argument: etree._Element, shape: Shape | None, data: RequestReport
    ) -> None:
        """Check an argument. Raises Refused with all problems."""
        if name in self._own:
            path = "$.data.argument" if data.xml is None else "$.data.xml"
            await self._thread.run(ALWAYS, partial(self._own.check, name, argument, path))
        elif shape is not None and data.xml is None:
            await self._thread.run(ALWAYS, partial(shape.check, argument))

    def close(self) -> None:
        """End the thread after its current check; checks that still wait are cancelled."""
        self._thread.close()
