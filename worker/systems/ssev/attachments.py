"""The uploaded files that a message refers to: found in the store, compared, and made the submission's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.systems.uploaded import uploaded_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.files import UploadedFile
    from worker.file_store import FileStore, StoredFile
    from worker.submission import Submission
    from worker.systems.ssev.outgoing import Outgoing

_DATA = "$.data."


async def attachments(
    message: Outgoing, submission: Submission, store: FileStore | None
) -> Mapping[str, StoredFile]:
    """Return the uploaded files by their paths in the event. Raises Refused with every problem, NotPrepared."""
    named = {one.path: one.uploaded for one in message.files if one.uploaded is not None}
    places: dict[tuple[str, ...], UploadedFile] = {
        (path.removeprefix(_DATA), "uploaded"): one for path, one in named.items()
    }
    return dict(zip(named, await uploaded_files(store, submission, places), strict=True))
