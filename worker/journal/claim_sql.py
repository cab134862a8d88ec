"""Claims as set-based statements: one insert for new submissions; lock, decide and update for known ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from worker.journal.claims import Asked, Known, LetterState, Reopen, verdict
from worker.journal.encoding import event_of, place_columns, storable, transposed
from worker.journal.sealed_values import opened_letter, opened_progress, opened_reply, vault_of
from worker.journal.stated_sql import ALREADY_EXISTS, TO_BE_SETTLED, stated_of
from worker.journal.waiting_sql import FORGET_WAITING, waiting_of
from worker.pipeline.ports import Claimed, ClaimRequest, Place, Schedule, State, Ticket, Waiting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import asyncpg

    from worker.journal.commands import Claim, Result
    from worker.journal.held_command import Key
    from worker.journal.vault import Vault
    from worker.pipeline.ports import Stated

_INSERT = """
insert into submissions (
    source, id, type, system, operation, signer, identity, content_hash, key_digest,
    record_topic, record_partition, record_offset, record_timestamp, record_topic_id, received_at,
    meaning_hash, owner)
select unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]), unnest($6::text[]),
       unnest($7::text[]), unnest($8::text[]), unnest($9::bytea[]), unnest($10::bytea[]), unnest($11::text[]),
       unnest($12::integer[]), unnest($13::bigint[]), unnest($14::bigint[]), unnest($15::text[]),
       unnest($16::timestamptz[]), unnest($17::bytea[]), $1
on conflict (source, id) do nothing
returning source, id
"""

# Rows are locked first, by a statement of its own. One that waited for a lock sees the locked row as it is then, and
# all other tables as they were before: a submission that began to wait for its answer meanwhile would have no row in
# `waiting`, and would be sent once more.
_LOCK = """
select from unnest($1::text[], $2::text[]) as t (source, id) join submissions s using (source, id)
order by s.source, s.id
for no key update of s
"""
_FACTS = """
select s.source, s.id, s.content_hash, s.meaning_hash, s.state, s.owner, s.answered, s.revision,
       s.reply_topic, s.reply_key, s.reply_headers, s.reply_value, s.dead_letter_id, d.state as letter_state,
       d.event_topic, d.event_key, d.event_headers, d.event_value, w.taken_at, w.give_up_at, w.reference,
       s.record_topic, s.record_partition, s.record_offset, s.record_timestamp, s.record_topic_id,
       array(select a.topic_id from answered_records a
             where a.topic = t.topic and a.partition = t.partition and a.record_offset = t.record_offset
               and a.record_timestamp = t.record_timestamp and a.source = s.source and a.id = s.id) as answered_in
from unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[])
     as t (source, id, topic, partition, record_offset, record_timestamp)
join submissions s using (source, id)
left join dead_letters d on d.id = s.dead_letter_id
left join waiting w on w.source = s.source and w.id = s.id
"""

_LEASES = """
select owner, extract(epoch from lease_until - clock_timestamp())::float8 as lease_left
from workers where owner = any($1::text[])
"""

# A record that comes while its submission waits has its answer in the reply that is published later: its offset goes
# on, and it is not answered once more when it is read again.
_ANSWERED_LATER = """
insert into answered_records (topic, partition, record_offset, record_timestamp, topic_id, source, id)
select t.topic, t.partition, t.record_offset, t.record_timestamp, coalesce(t.topic_id, ''), t.source, t.id
from unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::text[])
     as t (source, id, topic, partition, record_offset, record_timestamp, topic_id)
join submissions s using (source, id)
where (s.record_topic, s.record_partition, s.record_offset, s.record_timestamp, s.record_topic_id)
      is distinct from (t.topic, t.partition, t.record_offset, t.record_timestamp, t.topic_id)
on conflict do nothing
"""

# What a crash left in `sending` counts as sent and is in doubt; unless the last attempt was a look-up, which only
# reads: then `in_doubt` does not change.
_TAKE_OVER = """
update submissions s
set owner = $1, epoch = s.epoch + 1, state = 'claimed',
    in_doubt = s.in_doubt or (s.state = 'sending' and 'look-up' is distinct from (
        select a.purpose from attempts a where a.source = s.source and a.id = s.id
        order by a.sent_at desc, a.number desc limit 1))
from unnest($2::text[], $3::text[]) as t (source, id)
where s.source = t.source and s.id = t.id
returning s.source, s.id, s.epoch, s.identity, s.revision, s.attempts, s.in_doubt,
          s.first_attempt, s.last_attempt, s.tries, s.spent, s.next_attempt, s.progress, s.forgotten
"""

# A submission that was never sent takes type, operation, signer and identity from the replay: its record may not even
# have been readable before. One that was sent keeps them, and its doubt. Attempts are counted on; the schedule of
# retries restarts, and so do the steps of what is not in doubt.
_REOPEN = """
update submissions s
set owner = $1, epoch = s.epoch + 1, state = 'claimed', revision = s.revision + 1,
    first_attempt = null, last_attempt = null, tries = 0, spent = 0, next_attempt = null,
    reply_topic = null, reply_key = null, reply_headers = null, reply_value = null,
    dead_letter_id = null, answered = false, finished_at = null, evidence_removed_at = null, summarized = false,
    progress = case when s.in_doubt then s.progress end,
    content_hash = t.content_hash, meaning_hash = t.meaning_hash,
    type = case when s.attempts = 0 then t.type else s.type end,
    operation = case when s.attempts = 0 then t.operation else s.operation end,
    signer = case when s.attempts = 0 then t.signer else s.signer end,
    identity = case when s.attempts = 0 then t.identity else s.identity end
from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[],
            $9::bytea[])
     as t (source, id, type, operation, signer, identity, content_hash, meaning_hash)
where s.source = t.source and s.id = t.id
returning s.source, s.id, s.epoch, s.identity, s.revision, s.attempts, s.in_doubt,
          s.first_attempt, s.last_attempt, s.tries, s.spent, s.next_attempt, s.progress, s.forgotten
"""


async def claim_all(connection: asyncpg.Connection, me: str, claims: Sequence[Claim]) -> list[Result]:
    """Write the claims, one per submission, and return what each came to."""
    rows = [_row(claim.request) for claim in claims]
    inserted = await connection.fetch(_INSERT, me, *transposed(rows))
    new = {(row["source"], row["id"]) for row in inserted}
    found: Mapping[Key, Result] = {}
    if len(new) < len(claims):
        found = await _claim_known(
            connection, me, {claim.key: claim for claim in claims if claim.key not in new}
        )
    return [_first(claim.request) if claim.key in new else found[claim.key] for claim in claims]


async def _claim_known(
    connection: asyncpg.Connection, me: str, claims: Mapping[Key, Claim]
) -> dict[Key, Result]:
    asked = [(*key, *place_columns(claim.request.place)[:4]) for key, claim in claims.items()]
    await connection.execute(_LOCK, *transposed([row[:2] for row in asked]))
    locked = await connection.fetch(_FACTS, *transposed(asked))
    vault = vault_of(connection)
    leases = await _leases(connection, locked)
    results: dict[Key, Result] = {}
    free: list[Key] = []
    replays: list[Key] = []
    for row in locked:
        key = (row["source"], row["id"])
        request = claims[key].request
        answer = verdict(_known(vault, row, leases, request.place), _asked(request), me)
        if answer is None:
            free.append(key)
        elif isinstance(answer, Reopen):
            replays.append(key)
        else:
            results[key] = answer
    waiting = [claims[key].request for key, result in results.items() if isinstance(result, Waiting)]
    await _answer_later(connection, waiting)
    if free:
        results.update(await _take_over(connection, me, free, claims))
    if replays:
        results.update(await _reopen(connection, me, replays, claims))
    return results


async def _answer_later(connection: asyncpg.Connection, requests: Sequence[ClaimRequest]) -> None:
    rows = [(storable(one.source), storable(one.id), *place_columns(one.place)) for one in requests]
    if rows:
        await connection.execute(_ANSWERED_LATER, *transposed(rows))


async def _take_over(
    connection: asyncpg.Connection, me: str, keys: Sequence[Key], claims: Mapping[Key, Claim]
) -> dict[Key, Result]:
    rows = await connection.fetch(_TAKE_OVER, me, *transposed(list(keys)))
    return await _all_resumed(connection, rows, claims, TO_BE_SETTLED)


async def _reopen(
    connection: asyncpg.Connection, me: str, keys: Sequence[Key], claims: Mapping[Key, Claim]
) -> dict[Key, Result]:
    await connection.execute(FORGET_WAITING, *transposed(list(keys)))
    taken = [(*key, *_changeable(claims[key].request)) for key in keys]
    rows = await connection.fetch(_REOPEN, me, *transposed(taken))
    return await _all_resumed(connection, rows, claims, ALREADY_EXISTS)


async def _all_resumed(
    connection: asyncpg.Connection,
    rows: Sequence[asyncpg.Record],
    claims: Mapping[Key, Claim],
    outcomes: Sequence[str],
) -> dict[Key, Result]:
    by_key = {(row["source"], row["id"]): row for row in rows}
    stated = await stated_of(connection, [key for key, row in by_key.items() if row["in_doubt"]], outcomes)
    vault = vault_of(connection)
    return {key: _resumed(vault, claims[key].request, row, stated.get(key)) for key, row in by_key.items()}


async def _leases(connection: asyncpg.Connection, rows: Sequence[asyncpg.Record]) -> dict[str, float]:
    owners = {row["owner"] for row in rows if row["owner"] is not None}
    leases = await connection.fetch(_LEASES, list(owners))
    return {row["owner"]: row["lease_left"] for row in leases}


def _known(vault: Vault, row: asyncpg.Record, leases: Mapping[str, float], asked: Place) -> Known:
    reply, dead = row["reply_topic"], row["event_topic"]
    return Known(
        content_hash=row["content_hash"],
        meaning_hash=row["meaning_hash"],
        state=State(row["state"]),
        owner=row["owner"],
        lease_left=leases.get(row["owner"]),
        answered=row["answered"],
        reply=reply
        and opened_reply(
            vault,
            row["source"],
            row["id"],
            event_of(reply, row["reply_key"], row["reply_headers"], row["reply_value"]),
        ),
        dead_letter=dead
        and opened_letter(
            vault,
            row["dead_letter_id"],
            event_of(dead, row["event_key"], row["event_headers"], row["event_value"]),
        ),
        revision=row["revision"],
        waiting=waiting_of(row) if row["state"] == State.WAITING and row["taken_at"] else None,
        dead_letter_id=row["dead_letter_id"],
        dead_letter_state=LetterState(row["letter_state"]) if row["letter_state"] else None,
        places=tuple(_places(row, asked)),
    )


def _places(row: asyncpg.Record, asked: Place) -> Iterator[Place]:
    """Yield where the submission was first taken, and the claim's own place where it has had its answer."""
    if row["record_timestamp"] is not None:
        yield Place(
            row["record_topic"],
            row["record_partition"],
            row["record_offset"],
            row["record_timestamp"],
            row["record_topic_id"],
        )
    for topic_id in row["answered_in"]:
        yield replace(asked, topic_id=topic_id or None)


def _asked(request: ClaimRequest) -> Asked:
    return Asked(
        request.content_hash, request.replay_of, request.unread_hash, request.place, request.meaning_hash
    )


def _changeable(request: ClaimRequest) -> tuple[object, ...]:
    return (
        storable(request.type),
        storable(request.operation),
        storable(request.signer),
        storable(request.identity),
        request.content_hash,
        request.meaning_hash,
    )


def _first(request: ClaimRequest) -> Claimed:
    return Claimed(
        ticket=Ticket(request.source, request.id, epoch=1),
        identity=request.identity,
        revision=1,
        attempts=0,
        in_doubt=False,
        first_attempt=None,
        last_attempt=None,
        schedule=Schedule(),
    )


def _resumed(vault: Vault, request: ClaimRequest, row: asyncpg.Record, stated: Stated | None) -> Claimed:
    return Claimed(
        ticket=Ticket(request.source, request.id, epoch=row["epoch"]),
        identity=row["identity"],
        revision=row["revision"],
        attempts=row["attempts"],
        in_doubt=row["in_doubt"],
        first_attempt=row["first_attempt"],
        last_attempt=row["last_attempt"],
        schedule=Schedule(row["tries"], row["spent"], row["next_attempt"]),
        stated=stated,
        progress=opened_progress(vault, row["source"], row["id"], row["progress"]),
        forgotten=row["forgotten"],
    )


def _row(request: ClaimRequest) -> tuple[object, ...]:
    return (
        storable(request.source),
        storable(request.id),
        storable(request.type),
        storable(request.system),
        storable(request.operation),
        storable(request.signer),
        storable(request.identity),
        request.content_hash,
        request.key_digest,
        *place_columns(request.place),
        request.received_at,
        request.meaning_hash,
    )
