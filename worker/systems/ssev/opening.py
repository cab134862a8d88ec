"""Opening one message in steps: open it, fetch each file, read the message once more for the reply. Pure.

Opening is a receipt, which the system records once: opening again returns the same content and the same time
(confirmed by the public server), so that each step may be repeated. The last step is the same request again: its answer
is what the reply shows, and no text need be kept meanwhile. A link expires after an hour; the message is opened again
for new ones. The journal's copy of an answer has no links, so that after a crash it is opened again too.
"""

from __future__ import annotations

import base64
import json
from dataclasses import field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Advanced, Blocked, Outcome, Unknown
from worker.systems.port import Recovery
from worker.systems.ssev.interpret import TITLE
from worker.systems.ssev.links import is_allowed
from worker.systems.ssev.response import blobs_of, link_of
from worker.systems.ssev.uploads import stated_sha256
from worker.systems.stated import without_gaps
from worker.systems.steps import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.systems.ssev.settings import FileSettings
    from worker.transport.port import Answer

OPEN, FILE, READ = "open", "file", "read"
HIDDEN_LINK = "https://hidden.invalid/"
"""Stands in the evidence in place of a link, which is a secret until it expires."""
_FILES, _OPENED = "files", "opened"
_MOST_OPENED = 5
_MOST_CONTENT = 2 * 1024 * 1024
"""Bytes of all contents that the progress keeps: each step writes the progress anew, so it must stay small. A request
of eForms is one XML file, and its largest is read in whole (`LARGEST_READ`)."""
_EXPIRED = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.GONE,
    }
)
"""How the host of the files refuses a link: 400 is confirmed for one that has expired; the others are inferred."""


@immutable
class LinkedFile:
    """A file that is to be fetched. ``link`` is None where it has expired."""

    blob_id: int
    name: str | None = field(repr=False)
    size: int | None
    sha256: str | None
    link: str | None = field(repr=False)


def step_of(progress: Mapping[str, str]) -> Step:
    """Return the step that follows from the progress. Pure and total."""
    if _FILES not in progress:
        return Step(OPEN, Recovery.REPEAT)
    for number, file in enumerate(files_of(progress), 1):
        if _saved(file.blob_id) not in progress:
            return Step(OPEN if file.link is None else f"{FILE}-{number}", Recovery.REPEAT)
    return Step(READ, Recovery.REPEAT)


def files_of(progress: Mapping[str, str]) -> tuple[LinkedFile, ...]:
    """Return the files that are to be fetched."""
    return tuple(LinkedFile(**one) for one in json.loads(progress[_FILES]))


def file_of(progress: Mapping[str, str], step: str) -> LinkedFile:
    """Return the file that a step fetches."""
    return files_of(progress)[_number(step) - 1]


def after_open(
    document: Mapping[str, Any], progress: Mapping[str, str], rules: FileSettings
) -> Outcome | None:
    """Return the step to the files; None where there are none to fetch.

    At most `most_fetched` are. Files in which the system found malicious code stay where they are.
    """
    harmless = [one for one in blobs_of(document) if one.get("isMalicious") is not True]
    blobs = harmless[: rules.most_fetched]
    if not blobs:
        return None
    links = [link_of(one) for one in blobs]
    if any(link not in {None, HIDDEN_LINK} and not is_allowed(link or "", rules.hosts) for link in links):
        detail = f"{TITLE} names a file at a host that the setting files.hosts does not have"
        return Blocked(Reason.CONFIGURATION, detail)
    if None in links:
        return Unknown(Reason.UNEXPECTED_MESSAGE, "the answer names a file without a link to it")
    opened = int(progress.get(_OPENED, "0")) + 1
    if opened > _MOST_OPENED:
        return Blocked(
            Reason.UNAVAILABLE, f"{TITLE} refused the links to its files after each opening ({opened - 1})"
        )
    return Advanced({**progress, _FILES: json.dumps([_linked(one) for one in blobs]), _OPENED: str(opened)})


def after_file(
    answer: Answer,
    progress: Mapping[str, str],
    step: str,
    reference: Mapping[str, Any] | None,
    content: str | None,
) -> Outcome | None:
    """Return the step after a file; None where the status says what happened.

    ``reference`` is the stored file, and ``content`` its bytes in base64 where it is handed on with them.
    """
    if reference is not None:
        blob = file_of(progress, step).blob_id
        kept = without_gaps(**{_content(blob): content})
        return Advanced(
            {**progress, _FILES: _without_link(progress, blob), _saved(blob): json.dumps(reference), **kept}
        )
    if answer.status in _EXPIRED:
        return Advanced(
            {**progress, _FILES: json.dumps([_plain(one, link=None) for one in files_of(progress)])}
        )
    return None


def saved_files(progress: Mapping[str, str]) -> Mapping[int, Mapping[str, Any]]:
    """Return the stored files, by the system's ids of them."""
    return {blob: json.loads(kept) for blob, kept in _kept(progress, _saved).items()}


def contents(progress: Mapping[str, str]) -> Mapping[int, str]:
    """Return the bytes of small XML files in base64, by the system's ids of them."""
    return _kept(progress, _content)


def content_room(progress: Mapping[str, str]) -> int:
    """Return how many bytes of further contents the progress may keep."""
    return _MOST_CONTENT - sum(len(base64.b64decode(one)) for one in contents(progress).values())


def _kept(progress: Mapping[str, str], key: Callable[[int], str]) -> Mapping[int, str]:
    blobs = [one.blob_id for one in files_of(progress)] if _FILES in progress else []
    return {blob: progress[key(blob)] for blob in blobs if key(blob) in progress}


def _linked(blob: Mapping[str, Any]) -> dict[str, Any]:
    name, size = blob.get("fileName"), blob.get("size")
    is_size = isinstance(size, int) and not isinstance(size, bool) and size >= 0
    file = LinkedFile(
        blob_id=blob["blobId"],
        name=name if isinstance(name, str) else None,
        size=size if is_size else None,
        sha256=stated_sha256(blob),
        link=link_of(blob),
    )
    return _plain(file, link=None if file.link == HIDDEN_LINK else file.link)


def _plain(file: LinkedFile, *, link: str | None) -> dict[str, Any]:
    return {
        "blob_id": file.blob_id, "name": file.name, "size": file.size, "sha256": file.sha256, "link": link,
    }  # fmt: skip


def _without_link(progress: Mapping[str, str], blob: int) -> str:
    """Return the files without the link to one that is in the store: a link is kept no longer than it is needed."""
    files = files_of(progress)
    return json.dumps([_plain(one, link=None if one.blob_id == blob else one.link) for one in files])


def _number(step: str) -> int:
    return int(step.rpartition("-")[2])


def _saved(blob: int) -> str:
    return f"saved-{blob}"


def _content(blob: int) -> str:
    return f"content-{blob}"
