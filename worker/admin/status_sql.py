"""What the journal knows of the present: who runs, what is in progress, and what waits for a person."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    import asyncpg

_WORKERS = """
select w.owner, w.started_at, w.lease_until, w.lease_until > clock_timestamp() as running,
       coalesce(h.has, 0) as has
from workers w left join (
    select s.owner, count(*) as has
    from unaccepted u join submissions s on s.source = u.source and s.id = u.id
    where u.kind = 'unfinished' and s.state in ('claimed', 'sending') group by s.owner
) h using (owner)
order by running desc, w.started_at
"""

_SUBMISSIONS = """
select s.system, s.signer, s.source,
       count(*) filter (where s.state = 'sending') as in_flight,
       count(*) filter (where s.state = 'claimed') as waiting,
       count(*) filter (where s.state = 'held') as held,
       count(*) filter (where s.state = 'waiting') as answer_later,
       count(*) filter (
           where s.state in ('claimed', 'sending') and s.owner is not null
             and (w.owner is null or w.lease_until < clock_timestamp())
       ) as left_behind,
       count(*) filter (where s.state in ('claimed', 'sending') and s.owner is null) as released,
       min(s.received_at) filter (where s.state in ('claimed', 'sending')) as oldest
from unaccepted u join submissions s on s.source = u.source and s.id = u.id left join workers w on w.owner = s.owner
where u.kind in ('unfinished', 'held') and s.state in ('claimed', 'sending', 'waiting', 'held')
group by s.system, s.signer, s.source
"""

# A stop explains the wait of what was released better than the last attempt does.
_REASONS = """
select s.system, s.signer, s.source, t.reason, count(*) as count
from unaccepted u join submissions s on s.source = u.source and s.id = u.id cross join lateral (
    select case
        when s.owner is null and exists (select from intake_stops i where i.system = s.system)
            then 'intake is stopped'
        when s.owner is null and exists (
            select from sender_stops p where p.system = s.system and p.scope = 'source' and p.name = s.source
        ) then 'source is stopped'
        when s.owner is null and exists (
            select from sender_stops p where p.system = s.system and p.scope = 'signer' and p.name = s.signer
        ) then 'signer is stopped'
        else coalesce(
            (select a.reason from attempts a
             where a.source = s.source and a.id = s.id and a.reason is not null order by a.sent_at desc limit 1),
            case when s.owner is null then 'released by a worker' else 'not sent yet' end)
    end as reason
) t
where u.kind = 'unfinished' and s.state = 'claimed'
group by s.system, s.signer, s.source, t.reason
"""

_LETTERS = """
select system, signer, source, count(*) filter (where state = 'open') as open,
       count(*) filter (where state = 'replaying') as replaying
from dead_letters where state in ('open', 'replaying')
group by system, signer, source
"""

_Place = tuple[str, str | None, str | None]


@immutable
class WorkerRow:
    """A worker by its lease. ``has``: submissions that it has in progress."""

    owner: str
    started_at: datetime
    lease_until: datetime
    running: bool
    has: int


@dataclass(slots=True)
class Load:
    """What is in progress or waits for a person, of one signer and one event source.

    ``answer_later``: the system took them, and their answers are asked for. ``left_behind``: in progress at a worker
    that no longer runs. ``released``: waiting, and given back by their worker, as it does while their source or signer
    is stopped. ``why``: why most of those that wait were not sent or not
    answered. A record that could not be read has neither signer nor source.
    """

    system: str
    signer: str | None
    source: str | None
    in_flight: int = 0
    waiting: int = 0
    left_behind: int = 0
    released: int = 0
    held: int = 0
    answer_later: int = 0
    open: int = 0
    replaying: int = 0
    oldest: datetime | None = None
    why: str | None = None


async def workers(connection: asyncpg.Connection) -> tuple[WorkerRow, ...]:
    """Return the workers that run, then those whose lease ran out within the last day."""
    return tuple(WorkerRow(**row) for row in await connection.fetch(_WORKERS))


async def loads(connection: asyncpg.Connection) -> tuple[Load, ...]:
    """Return what is in progress and what waits, the largest first."""
    found: dict[_Place, Load] = {}
    for query in (_SUBMISSIONS, _LETTERS):
        for row in await connection.fetch(query):
            place = (row["system"], row["signer"], row["source"])
            load = found.setdefault(place, Load(*place))
            for name, value in list(row.items())[len(place) :]:
                setattr(load, name, value)
    for place, why in _most_frequent(await connection.fetch(_REASONS)).items():
        if place in found:  # what was claimed since the first query is of the next status
            found[place].why = why
    return tuple(sorted(found.values(), key=_size))


def _most_frequent(rows: Iterable[asyncpg.Record]) -> dict[_Place, str]:
    counts: defaultdict[_Place, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        counts[row["system"], row["signer"], row["source"]].append((row["count"], row["reason"]))
    return {place: max(several)[1] for place, several in counts.items()}


def _size(load: Load) -> tuple[int, str, str, str]:
    total = load.in_flight + load.waiting + load.answer_later + load.held + load.open + load.replaying
    return -total, load.system, load.signer or "", load.source or ""
