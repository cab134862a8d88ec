"""List dead letters, and show one with its submission and what was done about it."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import field
from typing import TYPE_CHECKING

from contracts.dead_letters import without_ours
from contracts.immutable import immutable
from worker.admin import audit_log, queries
from worker.admin.connection import connected
from worker.admin.errors import ActFailed
from worker.admin.listing import Page
from worker.admin.references import resolved

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import asyncpg

    from worker.admin.audit_log import AuditEntry
    from worker.admin.views import DeadLetterFilter, DeadLetterRow, SubmissionRow
    from worker.journal.settings import JournalSettings

SHOWN = "show-event"
"""What the audit log calls the reading of a record."""


@immutable
class DeadLetterDetail:
    """A dead letter, its submission as it is now (None where it has none), and what was done about it, in order."""

    letter: DeadLetterRow
    submission: SubmissionRow | None
    audit: tuple[AuditEntry, ...]


@immutable
class CameAs:
    """A record as its sender published it. Health data: it is read by name, and the audit log says by whom."""

    topic: str
    partition: int
    offset: int
    key: bytes | None = field(repr=False)
    headers: tuple[tuple[str, bytes | None], ...] = field(repr=False)
    value: bytes | None = field(repr=False)


async def list_dead_letters(
    journal: JournalSettings, wanted: DeadLetterFilter, limit: int | None = None
) -> Page[DeadLetterRow]:
    """Return the dead letters that fit, the newest first, and how many there are. Raises ActFailed."""
    async with connected(journal, "dead letters") as connection:
        rows = [row async for row in queries.each_dead_letter(connection, wanted, limit)]
        return Page(tuple(rows), await queries.count_dead_letters(connection, wanted))


async def each_dead_letter(
    journal: JournalSettings, wanted: DeadLetterFilter, limit: int | None = None
) -> AsyncGenerator[DeadLetterRow, None]:
    """Yield the dead letters that fit, the newest first, however many there are. Raises ActFailed."""
    async with (
        connected(journal, "dead letters") as connection,
        aclosing(queries.each_dead_letter(connection, wanted, limit)) as rows,
    ):
        async for row in rows:
            yield row


async def show_dead_letter(journal: JournalSettings, reference: str) -> DeadLetterDetail:
    """Return one dead letter in full, by its id, the beginning of it, or its submission's id.

    Raises ActFailed where the journal has none, AmbiguousId where several are meant.
    """
    async with connected(journal, "dead letters") as connection:
        letter = await _found(connection, reference)
        submission = await _submission_of(connection, letter)
        audit = await audit_log.entries_of(connection, letter.id)
    return DeadLetterDetail(letter, submission, tuple(audit))


async def read_event(journal: JournalSettings, reference: str, *, who: str, reason: str | None) -> CameAs:
    """Return a dead letter's record as it came, and write to the audit log that it was read.

    Raises ActFailed where the journal has no such dead letter, or retention has removed its value; AmbiguousId.
    """
    async with connected(journal, "dead letters") as connection, connection.transaction():
        letter = await _found(connection, reference)
        if letter.removed_at is not None:
            raise ActFailed(f"Retention removed the record of {letter.id} on {letter.removed_at:%Y-%m-%d}.")
        event = await queries.dead_letter_event(connection, letter.id)
        await audit_log.record(connection, [letter.id], who=who, act=SHOWN, reason=reason)
    place = (letter.origin_topic, letter.origin_partition, letter.origin_offset)
    return CameAs(*place, event.key, without_ours(event.headers), event.value)


async def _found(connection: asyncpg.Connection, reference: str) -> DeadLetterRow:
    (dead_letter_id,) = await resolved(connection, [reference])
    letter = await queries.dead_letter(connection, dead_letter_id)
    if letter is None:
        raise ActFailed(f"The journal has no dead letter {dead_letter_id}.")
    return letter


async def _submission_of(connection: asyncpg.Connection, letter: DeadLetterRow) -> SubmissionRow | None:
    if letter.source is None or letter.submission_id is None:
        return None
    found = await queries.show(connection, letter.submission_id, letter.source)
    return found[0].submission if found else None
