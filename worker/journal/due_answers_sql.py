"""Taking submissions whose answer is to be asked for: whose, since when, and what asking needs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from worker.journal.encoding import event_of, storable, transposed
from worker.journal.errors import CannotDecrypt
from worker.journal.sealed_values import opened_letter, opened_progress, opened_reply, vault_of
from worker.journal.waiting_values import opened_call, opened_waiting_record
from worker.pipeline.ports import Claimed, DueAnswer, Finished, Phase, Schedule, State, Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from worker.journal.commands import Result
    from worker.journal.vault import Vault
    from worker.journal.waiting_commands import TakeDue
    from worker.pipeline.ports import Event

log = logging.getLogger(__name__)

UNREADABLE_SECONDS = 600.0
"""Seconds until a row that could not be decrypted is read once more: its key may be configured by then."""

_DUE = """
with due as (
    select w.source, w.id
    from waiting w join submissions s using (source, id)
    where w.system = $2 and w.due <= clock_timestamp()
      and (s.state = 'waiting' or s.finished_at is not null)
      and (s.owner is null or s.owner = $1 or not exists (
          select from workers l where l.owner = s.owner and l.lease_until > clock_timestamp()))
      and not exists (
          select from unnest($4::text[], $5::text[]) as h (source, id) where h.source = w.source and h.id = w.id)
    order by w.due limit $3
    for update of s, w skip locked
)
update submissions s set owner = $1, epoch = s.epoch + 1
from due where s.source = due.source and s.id = due.id
returning s.source, s.id
"""
_TAKEN = """
update waiting w set hastened = false
from unnest($1::text[], $2::text[]) as t (source, id) where w.source = t.source and w.id = t.id and w.hastened
"""
_FACTS = """
select w.*, extract(epoch from w.give_up_at - clock_timestamp())::float8 as time_left,
       extract(epoch from clock_timestamp() - w.due)::float8 as late,
       s.signer, s.epoch, s.identity, s.state, s.attempts, s.in_doubt, s.first_attempt, s.last_attempt, s.answered,
       s.progress, s.revision as current_revision,
       s.reply_topic, s.reply_key, s.reply_headers, s.reply_value, s.dead_letter_id,
       d.event_topic, d.event_key, d.event_headers, d.event_value
from unnest($1::text[], $2::text[]) as t (source, id) join waiting w using (source, id)
join submissions s using (source, id) left join dead_letters d on d.id = s.dead_letter_id
order by w.due, w.source, w.id
"""
_SKIP = """
with skipped as (
    update waiting w set due = clock_timestamp() + make_interval(secs => $1)
    from unnest($2::text[], $3::text[]) as t (source, id) where w.source = t.source and w.id = t.id
    returning w.source, w.id
)
update submissions s set owner = null from skipped where s.source = skipped.source and s.id = skipped.id
"""


async def take_all(connection: asyncpg.Connection, me: str, asked: Sequence[TakeDue]) -> list[Result]:
    """Take what is due, of each system."""
    return [await _take(connection, me, one) for one in asked]


async def _take(connection: asyncpg.Connection, me: str, asked: TakeDue) -> tuple[DueAnswer, ...]:
    held = [[storable(source) for source, _ in asked.held], [storable(name) for _, name in asked.held]]
    rows = await connection.fetch(_DUE, me, asked.system, asked.limit, *held)
    if not rows:
        return ()
    keys = transposed([(row["source"], row["id"]) for row in rows])
    await connection.execute(_TAKEN, *keys)
    vault, found, unreadable = vault_of(connection), [], []
    for row in await connection.fetch(_FACTS, *keys):
        try:
            found.append(_due(vault, row))
        except CannotDecrypt as error:
            log.warning(
                "what asking needs cannot be read", extra={"submission_id": row["id"], "detail": str(error)}
            )
            unreadable.append((row["source"], row["id"]))
    if unreadable:  # one of them, asked for again and again, must not keep the others
        await connection.execute(_SKIP, UNREADABLE_SECONDS, *transposed(unreadable))
    return tuple(found)


def _due(vault: Vault, row: asyncpg.Record) -> DueAnswer:
    name = row["source"], row["id"]
    claimed = Claimed(
        ticket=Ticket(*name, row["epoch"]),
        identity=row["identity"],
        revision=row["current_revision"],
        attempts=row["attempts"],
        in_doubt=row["in_doubt"],
        first_attempt=row["first_attempt"],
        last_attempt=row["last_attempt"],
        schedule=Schedule(),
        progress=opened_progress(vault, *name, row["progress"]),
    )
    return DueAnswer(
        phase=Phase(row["phase"]),
        operation=row["operation"],
        signer=row["signer"],
        claimed=claimed,
        record=opened_waiting_record(vault, row),
        taken=opened_call(vault, *name, row["call"], row["reference"]),
        asks=row["asks"],
        late=row["late"],
        left=row["time_left"],
        finished=None if row["reply_topic"] is None else _finished(vault, row),
    )


def _finished(vault: Vault, row: asyncpg.Record) -> Finished:
    dead = row["event_topic"] and opened_letter(vault, row["dead_letter_id"], _event(row, "event"))
    reply = opened_reply(vault, row["source"], row["id"], _event(row, "reply"))
    return Finished(
        State(row["state"]), reply, dead, answered=row["answered"], revision=row["current_revision"]
    )


def _event(row: asyncpg.Record, name: str) -> Event:
    return event_of(row[f"{name}_topic"], row[f"{name}_key"], row[f"{name}_headers"], row[f"{name}_value"])
