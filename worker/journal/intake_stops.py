"""Stops as workers make, probe and lift them: of a system, of a source or of a signer, for all workers of a system."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from worker.journal.taking_turns import TurnsConnection
from worker.pipeline.flood.causes import Party, Scope
from worker.pipeline.ports import Stop

if TYPE_CHECKING:
    import asyncpg

    from worker.journal.settings import JournalSettings
    from worker.pipeline.flood.counting import Flood
    from worker.pipeline.ports import Clock

# A system's stop has a table of its own, which the version before knows.
_COLUMNS = "stopped_at, why, reasons, probe_at <= clock_timestamp() as probe_due"
_IN_FORCE = f"""
select 'system' as scope, '' as name, {_COLUMNS} from intake_stops where system = $1
union all
select scope, name, {_COLUMNS} from sender_stops where system = $1
"""  # noqa: S608 - put together from constants
_STOP_SYSTEM = """
insert into intake_stops (system, why, reasons, probe_at)
values ($1, $2, $3::json, clock_timestamp() + make_interval(secs => $4))
on conflict (system) do nothing
"""
_STOP_SENDER = """
insert into sender_stops (system, scope, name, why, reasons, probe_at)
values ($1, $2, $3, $4, $5::json, clock_timestamp() + make_interval(secs => $6))
on conflict (system, scope, name) do nothing
"""
_PROBE_SYSTEM = """
update intake_stops set probe_at = clock_timestamp() + make_interval(secs => $2)
where system = $1 and probe_at <= clock_timestamp()
returning system
"""
_PROBE_SENDER = """
update sender_stops set probe_at = clock_timestamp() + make_interval(secs => $4)
where system = $1 and scope = $2 and name = $3 and probe_at <= clock_timestamp()
returning system
"""
# Who lifts a stop is in the audit log, a worker as well as a person; with the stop itself, its row goes.
LIFTED = "lift-stop"
"""What the audit log calls the end of a stop by a trial that ended well."""
HERALD = "herald"
"""Whom it names: no person, but any worker."""
_WRITE_DOWN = f"""
insert into audit_log (who, act, reason, system, details)
select '{HERALD}', '{LIFTED}', 'a submission that was tried ended well', system,
       json_strip_nulls(json_build_object(
           'stopped_because', why, 'stopped_at', stopped_at, 'source', source, 'signer', signer))
from lifted
"""  # noqa: S608 - put together from constants
_LIFT_SYSTEM = f"""
with lifted as (
    delete from intake_stops where system = $1 and stopped_at = $2
    returning system, why, stopped_at, null::text as source, null::text as signer)
{_WRITE_DOWN}
"""  # noqa: S608 - as above
_LIFT_SENDER = f"""
with lifted as (
    delete from sender_stops where system = $1 and scope = $2 and name = $3 and stopped_at = $4
    returning system, why, stopped_at, case scope when 'source' then name end as source,
              case scope when 'signer' then name end as signer)
{_WRITE_DOWN}
"""  # noqa: S608 - as above


class IntakeStops:
    """Implements `pipeline.ports.Stops` on PostgreSQL, over a connection of its own, for all systems."""

    def __init__(self, settings: JournalSettings, clock: Clock) -> None:
        self._connection = TurnsConnection(settings, "intake", clock)

    async def in_force(self, system: str) -> list[Stop]:
        """Return the stops in force."""
        rows = await self._connection.run(lambda c: c.fetch(_IN_FORCE, system))
        return [_stop(row) for row in rows]

    async def stop(self, system: str, party: Party, flood: Flood, probe_after: float) -> None:
        """Stop a party's submissions, unless they are stopped already."""
        reasons = json.dumps(dict(flood.reasons))
        if party.scope is Scope.SYSTEM:
            await self._connection.run(
                lambda c: c.execute(_STOP_SYSTEM, system, flood.why, reasons, probe_after)
            )
        else:
            told = (system, *party, flood.why, reasons, probe_after)
            await self._connection.run(lambda c: c.execute(_STOP_SENDER, *told))

    async def take_probe(self, system: str, party: Party, again_after: float) -> bool:
        """Take the probe that is due; only one worker gets it."""
        if party.scope is Scope.SYSTEM:
            taken = await self._connection.run(lambda c: c.fetchval(_PROBE_SYSTEM, system, again_after))
        else:
            taken = await self._connection.run(
                lambda c: c.fetchval(_PROBE_SENDER, system, *party, again_after)
            )
        return taken is not None

    async def lift(self, system: str, stop: Stop) -> None:
        """End this stop, unless another one has taken its place, and write down that a trial ended it."""
        if stop.party.scope is Scope.SYSTEM:
            await self._connection.run(lambda c: c.execute(_LIFT_SYSTEM, system, stop.at))
        else:
            await self._connection.run(lambda c: c.execute(_LIFT_SENDER, system, *stop.party, stop.at))

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


def _stop(row: asyncpg.Record) -> Stop:
    party = Party(Scope(row["scope"]), row["name"])
    return Stop(row["stopped_at"], row["why"], party, json.loads(row["reasons"]), row["probe_due"])
