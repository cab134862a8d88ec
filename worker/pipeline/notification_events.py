"""From what a system states to the event that is published: pure. One notice always has one event id."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from contracts import strict_json
from contracts.derived_ids import derived_id
from contracts.fields import utc_text
from worker.pipeline.left_out import referred_ids
from worker.pipeline.ports import Event, Notification

if TYPE_CHECKING:
    from datetime import datetime

    from worker.notice import Notice
    from worker.pipeline.ports import Owner


def event_id(system: str, key: str) -> str:
    """Derive the event's id from the system's own identity of what is stated, so that a repeat has the same."""
    return derived_id("herald-notification", system, key)


def content_hash(notice: Notice) -> bytes:
    """Hash what a notice states (SHA-256), however its members are ordered."""
    said = [notice.type, _plain(notice.data), notice.reference, notice.rnu]
    return hashlib.sha256(strict_json.canonical(said)).digest()


def notification(
    system: str, notice: Notice, owner: Owner | None, *, topic: str, at: datetime
) -> Notification:
    """Make the notification. ``at`` is when it was stated first; the journal keeps the bytes of that time.

    Raises ValueError where the data is not JSON.
    """
    name = event_id(system, notice.key)
    headers = [
        ("content-type", "application/json"),
        ("ce_specversion", "1.0"),
        ("ce_id", name),
        ("ce_source", f"/herald/{system}"),
        ("ce_type", notice.type),
        ("ce_time", utc_text(at)),
    ]
    if owner is not None:
        headers += [("ce_submissionid", owner.id), ("ce_submissionsource", owner.source)]
    if rnu := notice.rnu or (owner and owner.rnu):
        headers.append(("ce_rnu", rnu))
    value = json.dumps(
        _plain(notice.data), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()
    event = Event(topic, _key(notice, owner), value, tuple((each, text.encode()) for each, text in headers))
    files = tuple(referred_ids(_plain(notice.data)))
    return Notification(system, name, notice.type, content_hash(notice), owner, event, files)


def _key(notice: Notice, owner: Owner | None) -> bytes:
    """Return the Kafka key: the submission's own, so that its patient's events stay together.

    Without it, what the system calls the submission, or else a digest of the notice's identity.
    """
    if owner is not None and owner.key is not None:
        return owner.key
    if notice.reference is not None:
        return notice.reference.encode()
    return hashlib.sha256(notice.key.encode()).hexdigest().encode()


def _plain(data: Any) -> Any:
    """Return plain JSON values: a mapping of any kind becomes an object."""
    return json.loads(json.dumps(data, default=dict, allow_nan=False))
