"""The files of a message in Herald's store: found, compared with what the event says, and made the submission's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.problems import Problem
from contracts.reasons import Reason
from worker.file_store import FileOwner, FileStoreOutage, NoSuchFile
from worker.outcome import Blocked, Retry
from worker.systems.port import NotPrepared, Refused

if TYPE_CHECKING:
    from contracts.files import UploadedFile
    from worker.file_store import FileStore, StoredFile
    from worker.submission import Submission
    from worker.systems.ssev.outgoing import Outgoing, OutgoingFile

RULE = "uploaded-file"
"""The name of the rule that problems with uploaded files carry."""


async def check_files(message: Outgoing, submission: Submission, store: FileStore | None) -> None:
    """Check that every uploaded file is there as the event says. Raises Refused with every problem, NotPrepared."""
    problems = [
        problem
        for file in message.files
        if file.uploaded is not None and (problem := await _problem(file, file.uploaded, submission, store))
    ]
    if problems:
        raise Refused(Reason.CONTRACT_VIOLATION, problems)


async def uploaded_file(file: OutgoingFile, submission: Submission, store: FileStore | None) -> StoredFile:
    """Return an uploaded file. Raises Refused, NotPrepared."""
    if file.uploaded is None:
        raise ValueError("the event holds this file itself")
    found = await _given(file.uploaded, submission, store)
    if found is None or found.sha256 != file.uploaded.sha256:
        raise Refused(Reason.CONTRACT_VIOLATION, [_absent(file)])
    return found


async def _problem(
    file: OutgoingFile, uploaded: UploadedFile, submission: Submission, store: FileStore | None
) -> Problem | None:
    found = await _given(uploaded, submission, store)
    if found is None:
        return _absent(file)
    if found.sha256 != uploaded.sha256:
        sentence = "Correct the digest, or upload the file again: the one with this id has another SHA-256."
        return Problem(f"{file.path}.uploaded.sha256", RULE, sentence)
    return None


def _absent(file: OutgoingFile) -> Problem:
    sentence = "Upload the file first, from the same source: Herald has none of this id, or no longer."
    return Problem(f"{file.path}.uploaded.id", RULE, sentence)


async def _given(
    uploaded: UploadedFile, submission: Submission, store: FileStore | None
) -> StoredFile | None:
    """Make the file the submission's, and return it; None where there is none. Raises NotPrepared."""
    if store is None:
        detail = "the event names an uploaded file, but the settings have no file store (files)"
        raise NotPrepared(Blocked(Reason.CONFIGURATION, detail))
    owner = FileOwner(submission.system, submission.source, submission.id)
    try:
        return await store.give(uploaded.id, owner)
    except NoSuchFile:
        return None
    except FileStoreOutage as outage:
        raise NotPrepared(Retry(Reason.UNAVAILABLE, f"the file store is unavailable: {outage}")) from None
