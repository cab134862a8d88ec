"""Stops of intake as workers make, probe and lift them: one row a system, for all its workers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from worker.journal.connection import ReconnectingConnection
from worker.journal.errors import JournalUnavailable
from worker.pipeline.ports import Away, Stop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.pipeline.ports import Clock

_Result = TypeVar("_Result")

_IN_FORCE = "select stopped_at, why from intake_stops where system = $1"
_STOP = """
insert into intake_stops (system, why, probe_at) values ($1, $2, clock_timestamp() + make_interval(secs => $3))
on conflict (system) do nothing
"""
_PROBE = """
update intake_stops set probe_at = clock_timestamp() + make_interval(secs => $2)
where system = $1 and probe_at <= clock_timestamp()
returning system
"""
_LIFT = "delete from intake_stops where system = $1 and stopped_at = $2"


class IntakeStops:
    """Implements `pipeline.ports.Stops` on PostgreSQL, over a connection of its own, for the runners of all systems."""

    def __init__(self, settings: JournalSettings, clock: Clock) -> None:
        self._connection = ReconnectingConnection(
            settings, "intake", clock, statement_seconds=settings.statement_seconds
        )
        self._turn = asyncio.Lock()  # a connection does one thing at a time

    async def in_force(self, system: str) -> Stop | None:
        """Return the stop in force, or None."""
        row = await self._run(lambda c: c.fetchrow(_IN_FORCE, system))
        return None if row is None else Stop(row["stopped_at"], row["why"])

    async def stop(self, system: str, why: str, probe_after: float) -> None:
        """Stop intake, unless it is stopped already."""
        await self._run(lambda c: c.execute(_STOP, system, why, probe_after))

    async def take_probe(self, system: str, again_after: float) -> bool:
        """Take the probe that is due; only one worker gets it."""
        return await self._run(lambda c: c.fetchval(_PROBE, system, again_after)) is not None

    async def lift(self, system: str, stop: Stop) -> None:
        """End this stop, unless another one has taken its place."""
        await self._run(lambda c: c.execute(_LIFT, system, stop.at))

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()

    async def _run(self, work: Callable[[asyncpg.Connection], Awaitable[_Result]]) -> _Result:
        try:
            async with self._turn:
                return await self._connection.run(work)
        except JournalUnavailable as error:
            raise Away(str(error)) from None
