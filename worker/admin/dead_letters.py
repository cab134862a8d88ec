"""List dead letters, and show one with its submission and what was done about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.admin import audit_log, queries
from worker.admin.connection import connected
from worker.admin.errors import ActFailed

if TYPE_CHECKING:
    import asyncpg

    from worker.admin.audit_log import AuditEntry
    from worker.admin.views import DeadLetterFilter, DeadLetterRow, SubmissionRow
    from worker.journal.settings import JournalSettings


@dataclass(frozen=True, slots=True)
class DeadLetterDetail:
    """A dead letter, its submission as it is now (None where it has none), and what was done about it, in order."""

    letter: DeadLetterRow
    submission: SubmissionRow | None
    audit: tuple[AuditEntry, ...]


async def list_dead_letters(
    journal: JournalSettings, wanted: DeadLetterFilter, limit: int = 100
) -> list[DeadLetterRow]:
    """Return the dead letters that fit, the newest first. Raises ActFailed."""
    async with connected(journal, "dead letters") as connection:
        return await queries.list_dead_letters(connection, wanted, limit)


async def show_dead_letter(journal: JournalSettings, dead_letter_id: str) -> DeadLetterDetail:
    """Return one dead letter in full. Raises ActFailed where the journal has none of this id."""
    async with connected(journal, "dead letters") as connection:
        letter = await queries.dead_letter(connection, dead_letter_id)
        if letter is None:
            raise ActFailed(f"The journal has no dead letter {dead_letter_id}.")
        submission = await _submission_of(connection, letter)
        audit = await audit_log.entries_of(connection, dead_letter_id)
    return DeadLetterDetail(letter, submission, tuple(audit))


async def _submission_of(connection: asyncpg.Connection, letter: DeadLetterRow) -> SubmissionRow | None:
    if letter.source is None or letter.submission_id is None:
        return None
    found = await queries.show(connection, letter.submission_id, letter.source)
    return found[0].submission if found else None
