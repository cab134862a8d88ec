"""Checks of documents by the operator's schemas, of which none holds up the event loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.systems.port import Refused

if TYPE_CHECKING:
    from worker.systems.nhif.catalogue.services import DocumentSchema


class DocumentChecks:
    """Checks small documents at once, and others in a thread, one after another.

    The thread is not one of the event loop's default pool, because look-ups of host names would wait behind the
    checks; and it is a single thread, because each further one that computes makes the event loop wait longer for the
    interpreter lock.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="nhif-documents")

    async def check(self, schema: DocumentSchema, document: object) -> None:
        """Check parsed JSON, or XML's root element. Raises Refused with all problems."""
        problems = schema.quick_problems(document)
        if problems is None:
            loop = asyncio.get_running_loop()
            problems = await loop.run_in_executor(self._thread, schema.problems, document)
        if problems:
            raise Refused(Reason.SCHEMA_VIOLATION, problems)

    def close(self) -> None:
        """End the thread after its current check; checks that still wait are cancelled."""
        self._thread.shutdown(wait=False, cancel_futures=True)
