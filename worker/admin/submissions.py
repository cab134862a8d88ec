"""List submissions, and show one with everything that is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.admin import queries
from worker.admin.connection import connected
from worker.admin.errors import ActFailed

if TYPE_CHECKING:
    from worker.admin.views import SubmissionDetail, SubmissionFilter, SubmissionRow
    from worker.journal.settings import JournalSettings


async def list_submissions(
    journal: JournalSettings, wanted: SubmissionFilter, limit: int = 100
) -> list[SubmissionRow]:
    """Return the submissions that fit, the newest first. Raises ActFailed."""
    async with connected(journal, "submissions") as connection:
        return await queries.list_submissions(connection, wanted, limit)


async def show_submission(
    journal: JournalSettings, submission_id: str, source: str | None = None
) -> list[SubmissionDetail]:
    """Return the submissions of this id, one for each source that used it. Raises ActFailed where there is none."""
    async with connected(journal, "submissions") as connection:
        found = await queries.show(connection, submission_id, source)
    if not found:
        raise ActFailed(f"The journal has no submission {submission_id}.")
    return found
