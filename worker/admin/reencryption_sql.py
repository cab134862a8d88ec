"""The statements that encrypt rows anew, a batch at a time, in the order of the primary keys."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from contracts.immutable import immutable
from worker.journal.encoding import event_headers_json, event_of, transposed
from worker.journal.errors import CannotDecrypt
from worker.journal.sealed_files import opened_key, opened_name, sealed_key, sealed_name
from worker.journal.sealed_notifications import (
    digest_of,
    opened_cursor,
    opened_event,
    sealed_cursor,
    sealed_event,
)
from worker.journal.sealed_values import (
    opened_letter,
    opened_message,
    opened_progress,
    opened_reply,
    sealed_message,
    sealed_progress,
    sealed_record,
    sealed_reply,
    vault_of,
)
from worker.journal.vault import Vault, key_of
from worker.journal.waiting_values import (
    opened_call,
    opened_waiting_record,
    sealed_call,
    sealed_waiting_record,
)

if TYPE_CHECKING:
    import asyncpg

BATCH = 200
Anew: TypeAlias = Callable[[Vault, Any], tuple[Any, ...]]
"""Returns a row's new values, after those of its primary key. Raises CannotDecrypt."""


@immutable
class Table:
    """A table with encrypted columns: how its rows are read and written, and which bytes tell the key."""

    read: str
    write: str
    first: tuple[Any, ...]
    sealed: tuple[str, ...]
    anew: Anew


def _reply(vault: Vault, row: Any) -> tuple[Any, ...]:
    name = row["source"], row["id"]
    stored = event_of(row["reply_topic"], row["reply_key"], row["reply_headers"], row["reply_value"])
    reply = opened_reply(vault, *name, stored)
    sealed = sealed_reply(vault, *name, reply)
    digest = None if reply.key is None else vault.digest(hashlib.sha256(reply.key).digest())
    return (*name, sealed.key, sealed.value, digest)


def _progress(vault: Vault, row: Any) -> tuple[Any, ...]:
    name = row["source"], row["id"]
    return (*name, sealed_progress(vault, *name, opened_progress(vault, *name, row["progress"])))


def _letter(vault: Vault, row: Any) -> tuple[Any, ...]:
    stored = event_of(row["event_topic"], row["event_key"], row["event_headers"], row["event_value"])
    sealed, digest = sealed_record(vault, row["id"], opened_letter(vault, row["id"], stored))
    return row["id"], sealed.key, event_headers_json(sealed.headers), sealed.value, digest


def _attempt(vault: Vault, row: Any) -> tuple[Any, ...]:
    name = row["source"], row["id"]
    stored = sealed_message(vault, *name, row["message_id"], opened_message(vault, *name, row))
    columns = ("url", "request_headers", "request", "answer_headers", "answer")
    return (*name, row["message_id"], *(stored[column] for column in columns))


def _evidence(vault: Vault, row: Any) -> tuple[Any, ...]:
    place, kind = (row["source"], row["id"], row["message_id"]), row["kind"]
    parts = dict.fromkeys(("request_headers", "request", "answer_headers", "answer"))
    one: dict[str, Any] = {"message_id": row["message_id"], "url": row["url"] or ""} | parts
    one |= {kind: row["body"], f"{kind}_headers": row["headers"]}
    stored = sealed_message(vault, *place, opened_message(vault, *place[:2], one))
    return (row["at"], *place, kind, stored["url"] or None, stored[f"{kind}_headers"], stored[kind])


def _waiting(vault: Vault, row: Any) -> tuple[Any, ...]:
    name = row["source"], row["id"]
    call = sealed_call(vault, *name, opened_call(vault, *name, row["call"], None))
    record = sealed_waiting_record(vault, *name, opened_waiting_record(vault, row))
    return (*name, *call, record.key, record.headers, record.value)


def _notification(vault: Vault, row: Any) -> tuple[Any, ...]:
    name = row["system"], row["id"]
    stored = event_of(row["event_topic"], row["event_key"], row["event_headers"], row["event_value"])
    event = opened_event(vault, *name, stored)
    sealed = sealed_event(vault, *name, event)
    # Of one without a key, which was erased, nothing is to be found.
    return (*name, sealed.key, sealed.value, digest_of(vault, event.key))


def _watch(vault: Vault, row: Any) -> tuple[Any, ...]:
    name = row["system"], row["name"]
    return (*name, sealed_cursor(vault, *name, opened_cursor(vault, *name, row["cursor"])))


def _file(vault: Vault, row: Any) -> tuple[Any, ...]:
    file_id = str(row["id"])
    return row["id"], sealed_name(vault, file_id, opened_name(vault, file_id, row["name"]))


def _content(vault: Vault, row: Any) -> tuple[Any, ...]:
    content = str(row["id"])
    return row["id"], sealed_key(vault, content, opened_key(vault, content, row["data_key"]))


_WRITE_EVIDENCE = """
update {} e set url = t.url, headers = t.headers::json, body = t.body
from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[])
     as t (at, source, id, message_id, kind, url, headers, body)
where e.at = t.at and e.source = t.source and e.id = t.id and e.message_id = t.message_id and e.kind = t.kind
  and e.at = any($1::timestamptz[])
"""


def _read_evidence(table: str) -> str:
    return f"""
select at, source, id, message_id, kind, url, headers, body from {table}
where at >= $1 and (at, source, id, message_id, kind) > ($1, $2, $3, $4, $5)
order by at, source, id, message_id, kind limit $6 for no key update
"""  # noqa: S608 - of the two names below


# A row that retention moves meanwhile goes from the first to the second: it is met in one of them.
_EVIDENCE = tuple(
    Table(
        _read_evidence(table),
        _WRITE_EVIDENCE.format(table),
        (datetime.min.replace(tzinfo=UTC), "", "", "", ""),
        ("body",),
        _evidence,
    )
    for table in ("evidence", "evidence_kept")
)

_NIL = UUID(int=0)

_JOURNAL_TABLES = (
    Table(
        """
select source, id, reply_topic, reply_key, reply_headers, reply_value from submissions
where (source, id) > ($1, $2) and reply_topic is not null order by source, id limit $3 for no key update
""",
        """
update submissions s set reply_key = t.key, reply_value = t.value, key_digest = coalesce(t.digest, s.key_digest)
from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[]) as t (source, id, key, value, digest)
where s.source = t.source and s.id = t.id
""",
        ("", ""),
        ("reply_key", "reply_value"),
        _reply,
    ),
    Table(
        """
select source, id, progress from submissions
where (source, id) > ($1, $2) and progress is not null order by source, id limit $3 for no key update
""",
        """
update submissions s set progress = t.progress
from unnest($1::text[], $2::text[], $3::bytea[]) as t (source, id, progress)
where s.source = t.source and s.id = t.id
""",
        ("", ""),
        ("progress",),
        _progress,
    ),
    Table(
        """
select id, event_topic, event_key, event_headers, event_value from dead_letters
where id > $1 order by id limit $2 for no key update
""",
        """
update dead_letters d
set event_key = t.key, event_headers = t.headers::json, event_value = t.value, key_digest = t.digest
from unnest($1::text[], $2::bytea[], $3::text[], $4::bytea[], $5::bytea[]) as t (id, key, headers, value, digest)
where d.id = t.id
""",
        ("",),
        ("event_key", "event_value"),
        _letter,
    ),
    Table(
        """
select source, id, message_id, url, request_headers, request, answer_headers, answer from attempts
where (source, id, message_id) > ($1, $2, $3) order by source, id, message_id limit $4 for no key update
""",
        """
update attempts a
set url = t.url, request_headers = t.request_headers::json, request = t.request,
    answer_headers = t.answer_headers::json, answer = t.answer
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::bytea[])
     as t (source, id, message_id, url, request_headers, request, answer_headers, answer)
where a.source = t.source and a.id = t.id and a.message_id = t.message_id
""",
        ("", "", ""),
        ("request", "answer"),
        _attempt,
    ),
    *_EVIDENCE,
    Table(
        """
select * from waiting where (source, id) > ($1, $2) order by source, id limit $3 for no key update
""",
        """
update waiting w
set call = t.call, ready_digest = t.ready_digest, record_key = t.key, record_headers = t.headers,
    record_value = t.value
from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bytea[])
     as t (source, id, call, ready_digest, key, headers, value)
where w.source = t.source and w.id = t.id
""",
        ("", ""),
        ("call", "record_key", "record_headers", "record_value"),
        _waiting,
    ),
    Table(
        """
select system, id, event_topic, event_key, event_headers, event_value from notifications
where (system, id) > ($1, $2) order by system, id limit $3 for no key update
""",
        """
update notifications n set event_key = t.key, event_value = t.value, key_digest = t.digest
from unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[], $5::bytea[]) as t (system, id, key, value, digest)
where n.system = t.system and n.id = t.id
""",
        ("", ""),
        ("event_key", "event_value"),
        _notification,
    ),
    Table(
        """
select system, name, cursor from watches where (system, name) > ($1, $2) order by system, name limit $3
for no key update
""",
        """
update watches w set cursor = t.cursor from unnest($1::text[], $2::text[], $3::bytea[]) as t (system, name, cursor)
where w.system = t.system and w.name = t.name
""",
        ("", ""),
        ("cursor",),
        _watch,
    ),
)

# The bytes of files are encrypted with keys of their own: only these are encrypted anew.
_FILE_TABLES = (
    Table(
        "select id, name from files where id > $1 and name is not null order by id limit $2 for no key update",
        """
update files f set name = t.name from unnest($1::uuid[], $2::bytea[]) as t (id, name)
where f.id = t.id and f.name is not null
""",
        (_NIL,),
        ("name",),
        _file,
    ),
    Table(
        """
select id, data_key from file_contents where id > $1 and data_key is not null
order by id limit $2 for no key update
""",
        """
update file_contents c set data_key = t.data_key from unnest($1::uuid[], $2::bytea[]) as t (id, data_key)
where c.id = t.id and c.data_key is not null
""",
        (_NIL,),
        ("data_key",),
        _content,
    ),
)
TABLES = (*_JOURNAL_TABLES, *_FILE_TABLES)

_RELEASE = "delete from encryption_keys where key_id <> $1 returning key_id"


async def batch(
    connection: asyncpg.Connection, table: Table, behind: tuple[Any, ...]
) -> tuple[tuple[Any, ...] | None, int, int]:
    """Encrypt the next rows; return where they end (None at the table's end), how many changed, and how many failed."""
    vault, width = vault_of(connection), len(table.first)
    rows = await connection.fetch(table.read, *behind, BATCH)
    changed, failed = [], 0
    for row in rows:
        if all(row[name] is None or key_of(row[name]) == vault.active for name in table.sealed):
            continue
        try:
            changed.append(table.anew(vault, row))
        except CannotDecrypt:
            failed += 1
    if changed:
        await connection.execute(table.write, *transposed(changed))
    return (tuple(rows[-1])[:width] if rows else None), len(changed), failed


async def release_others(connection: asyncpg.Connection, active: str) -> tuple[str, ...]:
    """Note that no row needs another key."""
    return tuple(row["key_id"] for row in await connection.fetch(_RELEASE, active))
