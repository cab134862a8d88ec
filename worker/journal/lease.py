"""The lease of this worker, renewed in time: until it runs out, other workers leave this one's claims alone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from worker.journal.errors import JournalUnavailable

if TYPE_CHECKING:
    import asyncpg

    from worker.journal.connection import ReconnectingConnection
    from worker.pipeline.ports import Clock

_log = logging.getLogger(__name__)

_RENEW = """
insert into workers (owner, lease_until, reads_encrypted)
values ($1, clock_timestamp() + make_interval(secs => $2), true)
on conflict (owner) do update set lease_until = excluded.lease_until
"""

# A worker that leaves a submission in `sending` keeps its lease until it runs out: the request may still be in flight.
_END = """
delete from workers w where w.owner = $1
  and not exists (
      select from unaccepted u join submissions s on s.source = u.source and s.id = u.id
      where u.kind = 'unfinished' and s.owner = w.owner and s.state = 'sending')
"""

# A worker that is not in the table counts as one whose lease ran out.
_FORGET = "delete from workers where lease_until < clock_timestamp() - interval '1 day'"

# The version before leaves rows of `unaccepted` behind, of what it accepts. Nothing reads them as unfinished.
_TIDY = """
delete from unaccepted u using submissions s
where u.kind = 'unfinished' and s.source = u.source and s.id = u.id and s.state = 'accepted'
"""

RENEWALS_PER_LEASE = 3
RETRIES_PER_LEASE = 15


class Lease:
    """The lease of ``owner``, of ``seconds`` by the database's clock."""

    def __init__(self, connection: ReconnectingConnection, owner: str, seconds: float, clock: Clock) -> None:
        self.term = 0
        """Rises when the lease begins again after it had run out: others may have taken over in between."""
        self._connection = connection
        self._owner = owner
        self._seconds = seconds
        self._clock = clock
        self._until = float("-inf")

    @property
    def alive(self) -> bool:
        """Whether the lease runs, by this process's clock, which starts counting before the database's."""
        return self._clock.monotonic() < self._until

    async def begin(self) -> None:
        """Register this worker, waiting out an outage."""
        await self._connection.persist(self._renew)
        await self._connection.persist(_forget_the_dead)

    async def run(self) -> None:
        """Renew the lease until cancelled."""
        pause = self._seconds / RENEWALS_PER_LEASE
        while True:
            await self._clock.sleep(pause)
            pause = self._seconds / (RENEWALS_PER_LEASE if await self._renewed() else RETRIES_PER_LEASE)

    async def end(self) -> None:
        """End the lease, so that others take over unsent submissions at once. In an outage it expires."""
        try:
            await self._connection.run(self._sign_off)
        except JournalUnavailable:
            _log.info("The journal is unavailable: this worker's lease runs out by itself")
        self._until = float("-inf")

    async def _renewed(self) -> bool:
        try:
            await self._connection.run(self._renew)
        except JournalUnavailable:
            return False
        except Exception:  # noqa: BLE001 - whatever it is, a lease that is never renewed again would be worse
            _log.error("The journal's lease could not be renewed", exc_info=True)
            return False
        return True

    async def _renew(self, connection: asyncpg.Connection) -> None:
        before = self._clock.monotonic()
        await connection.execute(_RENEW, self._owner, self._seconds)
        if not self.alive:
            self.term += 1
        self._until = before + self._seconds

    async def _sign_off(self, connection: asyncpg.Connection) -> None:
        await connection.execute(_END, self._owner)


async def _forget_the_dead(connection: asyncpg.Connection) -> None:
    await connection.execute(_FORGET)
    await connection.execute(_TIDY)
