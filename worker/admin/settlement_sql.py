"""Settlements: what a person states about a held submission, in one transaction with who stated it and why."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.audit_log import record
from worker.admin.settlement_policy import SubmissionStatus
from worker.journal.claims import LetterState
from worker.journal.encoding import event_columns, event_of
from worker.journal.sealed_values import opened_letter, opened_reply, sealed_reply, vault_of
from worker.pipeline.ports import State

if TYPE_CHECKING:
    from datetime import datetime

    import asyncpg

    from worker.admin.settlement_policy import Statement
    from worker.journal.vault import Vault
    from worker.pipeline.ports import Event

# Locked in the order in which a claim does: the submission first.
_LOCK = """
select s.source, s.id, s.type, s.system, s.operation, s.identity, s.state, s.revision, s.attempts,
       s.first_attempt, s.last_attempt, s.dead_letter_id as current_dead_letter_id,
       s.reply_topic, s.reply_key, s.reply_headers, s.reply_value
from submissions s
where (s.source, s.id) = (select d.source, d.submission_id from dead_letters d where d.id = $1)
for no key update of s
"""

_LETTER = """
select state, event_topic, event_key, event_headers, event_value from dead_letters where id = $1 for update
"""

_SETTLE = """
update submissions
set state = $4, revision = revision + 1, in_doubt = false, answered = false, finished_at = $5,
    reply_topic = $6, reply_key = $7, reply_headers = $8::json, reply_value = $9, dead_letter_id = $10,
    owner = null, progress = null, forgotten = false
where source = $1 and id = $2 and revision = $3 and state = 'held'
returning revision
"""

_SETTLE_LETTER = "update dead_letters set state = $2 where id = $1"

_ANSWERED = """
update submissions set answered = true
where source = $1 and id = $2 and reply_topic = $3 and reply_headers::text = ($4::json)::text
"""


@immutable
class Letter:
    """The dead letter that is to be settled, and its submission where it has one."""

    state: LetterState
    event: Event = field(repr=False)
    status: SubmissionStatus | None

    @property
    def ordered(self) -> bool:
        """Whether its replay was ordered."""
        return self.state in (LetterState.REPLAYING, LetterState.REPLAYED)


async def locked(connection: asyncpg.Connection, letter_id: str) -> Letter | None:
    """Return the dead letter with its submission, both locked until the transaction ends; None for no such one."""
    submission = await connection.fetchrow(_LOCK, letter_id)
    letter = await connection.fetchrow(_LETTER, letter_id)
    if letter is None:
        return None
    vault = vault_of(connection)
    event = event_of(
        letter["event_topic"], letter["event_key"], letter["event_headers"], letter["event_value"]
    )
    status = _status(vault, submission) if submission else None
    return Letter(LetterState(letter["state"]), opened_letter(vault, letter_id, event), status)


async def settle(
    connection: asyncpg.Connection,
    letter_id: str,
    status: SubmissionStatus,
    statement: Statement,
    reply: Event,
    *,
    at: datetime,
    who: str,
    reason: str,
) -> None:
    """Write the settlement. As not sent, the dead letter is opened and stays the submission's: it may be replayed."""
    accepted = statement.state is State.ACCEPTED
    revision = await connection.fetchval(
        _SETTLE,
        status.source,
        status.id,
        status.revision,
        statement.state,
        at,
        *event_columns(sealed_reply(vault_of(connection), status.source, status.id, reply)),
        None if accepted else letter_id,
    )
    await connection.execute(_SETTLE_LETTER, letter_id, LetterState.SETTLED if accepted else LetterState.OPEN)
    details = {"as": statement.verdict, "revision": revision}
    await record(connection, [letter_id], who=who, act="settle", reason=reason, details=details)


async def answered(connection: asyncpg.Connection, status: SubmissionStatus, reply: Event) -> None:
    """Note that Kafka acknowledged this reply, if it is still the submission's."""
    topic, _, headers, _ = event_columns(reply)
    await connection.execute(_ANSWERED, status.source, status.id, topic, headers)


def _status(vault: Vault, row: asyncpg.Record) -> SubmissionStatus:
    reply = row["reply_topic"] and opened_reply(
        vault,
        row["source"],
        row["id"],
        event_of(row["reply_topic"], row["reply_key"], row["reply_headers"], row["reply_value"]),
    )
    values = {name: value for name, value in row.items() if not name.startswith("reply_")}
    return SubmissionStatus(**{**values, "state": State(row["state"])}, reply=reply)
