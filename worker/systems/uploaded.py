"""Files that an event refers to: found in the store, checked, and made the submission's before anything is sent."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from contracts.problems import problem
from contracts.reasons import Reason
from worker.file_store import FileOwner, FileStoreOutage, FileStoreRefused, NoSuchFile
from worker.outcome import Blocked, Retry
from worker.systems.port import NotPrepared, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contracts.files import UploadedFile
    from contracts.problems import Problem
    from worker.file_store import FileStore, StoredFile
    from worker.submission import Submission


class UploadRule(StrEnum):
    """What an event's reference to a file breaks."""

    UNKNOWN = "uploaded-file-unknown"
    DIFFERS = "uploaded-file-differs"


_SAYS: Mapping[UploadRule, str] = {
    UploadRule.UNKNOWN: "Upload the file first, for this event's source: no such file is there, or it has expired.",
    UploadRule.DIFFERS: "State the SHA-256 of the file that was uploaded: this one has another.",
}


async def uploaded_files(
    files: FileStore | None, submission: Submission, named: Mapping[tuple[str, ...], UploadedFile]
) -> Sequence[StoredFile]:
    """Return the files that an event names, in their order, by their paths in its data (`("files", "[0]")`).

    Idempotent: may be called in each `prepare`. Raises Refused with all problems where a file is absent, has expired,
    is another source's or has another digest than the event states; NotPrepared with Retry while the store is
    unavailable, and with Blocked where it refuses Herald or the settings have none.
    """
    if not named:
        return ()
    if files is None:
        detail = "the event refers to uploaded files, and the settings have no section `files`"
        raise NotPrepared(Blocked(Reason.CONFIGURATION, detail))
    found: list[StoredFile] = []
    problems: list[Problem] = []
    for path, one in named.items():
        stored = await _look(files, submission, one)
        if isinstance(stored, UploadRule):
            problems.append(problem(stored, _SAYS[stored], *path))
        else:
            found.append(stored)
    if problems:
        raise Refused(Reason.CONTRACT_VIOLATION, problems)
    return [await _given(files, submission, one) for one in found]


async def _look(files: FileStore, submission: Submission, one: UploadedFile) -> StoredFile | UploadRule:
    """Return the file, or what is wrong with it. Nothing is made the submission's before all are there."""
    try:
        stored = await files.find(one.id)
    except FileStoreOutage as outage:
        raise not_stored(outage) from None
    if stored is None or stored.owner.source != submission.source:
        return UploadRule.UNKNOWN
    return stored if stored.sha256 == one.sha256 else UploadRule.DIFFERS


async def _given(files: FileStore, submission: Submission, stored: StoredFile) -> StoredFile:
    owner = FileOwner(submission.system, submission.source, submission.id)
    try:
        return await files.give(stored.id, owner)
    except FileStoreOutage as outage:
        raise not_stored(outage) from None
    except NoSuchFile:  # it expired in this moment: the next attempt says so
        detail = "a file that the event refers to was removed meanwhile"
        raise NotPrepared(Retry(Reason.UNAVAILABLE, detail)) from None


def not_stored(outage: FileStoreOutage) -> NotPrepared:
    """Return what a system raises where the store cannot be used: wait for it, or for an operator."""
    if isinstance(outage, FileStoreRefused):
        return NotPrepared(Blocked(Reason.CONFIGURATION, f"the file store refuses Herald: {outage}"))
    return NotPrepared(Retry(Reason.UNAVAILABLE, f"the file store is unavailable: {outage}"))
