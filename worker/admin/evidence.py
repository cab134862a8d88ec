"""The evidence of a submission as files: signed requests, answers as they came, the reply, and notifications."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from worker.admin.views import SubmissionDetail

LONGEST_NAME = 100
"""Characters of an id in a file's name; file systems take 255 bytes."""
_UNSAFE = re.compile(r"[^\w.-]", re.ASCII)
_SUFFIXES = {b"<": ".xml", b"{": ".json", b"[": ".json"}


@immutable
class EvidenceFile:
    """One body, byte for byte, under a name that says what it is. It holds health data."""

    name: str
    content: bytes = field(repr=False)


@immutable
class Evidence:
    """What is kept of one submission. ``removed_at`` is when retention removed the requests and the answers."""

    submission_id: str
    removed_at: datetime | None
    files: tuple[EvidenceFile, ...]


def evidence_of(detail: SubmissionDetail) -> Evidence:
    """Return the evidence of a submission."""
    row = detail.submission
    files = (EvidenceFile(name, content) for name, content in _bodies(detail) if content is not None)
    return Evidence(row.id, row.evidence_removed_at, tuple(files))


def _bodies(detail: SubmissionDetail) -> Iterator[tuple[str, bytes | None]]:
    for one in detail.attempts:
        name = _safe(one.message_id)
        yield f"{name}.request{_suffix(one.request)}", one.request
        yield f"{name}.answer{_suffix(one.answer)}", one.answer
    if detail.reply is not None:
        yield f"{_safe(detail.submission.id)}.reply.json", detail.reply.value
    for stated in detail.notifications:
        yield f"{_safe(stated.id)}.notification.json", stated.value


def _safe(text: str) -> str:
    """Return a file's name made of an id, whatever that holds: no folder, no control character, of bounded length."""
    return _UNSAFE.sub("_", text)[:LONGEST_NAME].lstrip(".") or "_"


def _suffix(content: bytes | None) -> str:
    """Name the form of a body by its beginning, so that programs open it as what it is."""
    return _SUFFIXES.get((content or b"").lstrip(b"\xef\xbb\xbf \t\r\n")[:1], "")
