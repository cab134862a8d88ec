"""List submissions, and show one with everything that is kept of it."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from worker.admin import queries
from worker.admin.connection import connected
from worker.admin.errors import ActFailed
from worker.admin.listing import Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from worker.admin.views import SubmissionDetail, SubmissionFilter, SubmissionRow
    from worker.journal.settings import JournalSettings


async def list_submissions(
    journal: JournalSettings, wanted: SubmissionFilter, limit: int | None = None
) -> Page[SubmissionRow]:
    """Return the submissions that fit, the newest first, and how many there are. Raises ActFailed."""
    async with connected(journal, "submissions") as connection:
        rows = [row async for row in queries.each_submission(connection, wanted, limit)]
        return Page(tuple(rows), await queries.count_submissions(connection, wanted))


async def each_submission(
    journal: JournalSettings, wanted: SubmissionFilter, limit: int | None = None
) -> AsyncGenerator[SubmissionRow, None]:
    """Yield the submissions that fit, the newest first, however many there are. Raises ActFailed."""
    async with (
        connected(journal, "submissions") as connection,
        aclosing(queries.each_submission(connection, wanted, limit)) as rows,
    ):
        async for row in rows:
            yield row


async def show_submission(
    journal: JournalSettings, submission_id: str, source: str | None = None
) -> list[SubmissionDetail]:
    """Return the submissions of this id, one for each source that used it. Raises ActFailed where there is none."""
    async with connected(journal, "submissions") as connection:
        found = await queries.show(connection, submission_id, source)
    if not found:
        raise ActFailed(f"The journal has no submission {submission_id}.")
    return found
