"""The values that tests write to the journal: one of each kind, every field changeable."""

from __future__ import annotations

import asyncio
import hashlib
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contracts.dead_letters import Origin
from worker.pipeline.ports import (
    ClaimRequest,
    DeadLetter,
    Event,
    Final,
    Place,
    Received,
    Sending,
    State,
)

SOURCE = "urn:hospital:1"
AT = datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)
PLACE = Place("herald.nhis.submissions", 3, 42, 1_741_944_600_000, "topic-1")
"""Where the record of submission s-1 lies."""
EVERY_BYTE = bytes(range(256))
"""NUL among them, and no valid UTF-8."""


class RealClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Wall clock, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def request(id: str = "s-1", **changes: Any) -> ClaimRequest:  # noqa: A002 - the name of the CloudEvents attribute
    """A claim of a submission. Changes of its place are named like the place's fields."""
    place = replace(PLACE, **{name: changes.pop(name) for name in PLACE.__slots__ if name in changes})
    values: dict[str, Any] = {
        "source": SOURCE,
        "id": id,
        "type": "nhis.immunization.register.v1",
        "system": "nhis",
        "operation": "immunization.register",
        "signer": "dr-ivanova",
        "identity": f"lrn-{id}",
        "content_hash": hashlib.sha256(b"content").digest(),
        "key_digest": hashlib.sha256(b"patient").digest(),
        "place": place,
        "received_at": AT,
    }
    return ClaimRequest(**(values | changes))


def sending(number: int = 1, **changes: Any) -> Sending:
    """An attempt about to leave."""
    values: dict[str, Any] = {
        "number": number,
        "purpose": "submit",
        "message_id": f"m-{number}",
        "url": "https://nhis.test/v1/immunization",
        "headers": {"Content-Type": "application/xml"},
        "request": b"<request/>" + EVERY_BYTE,
        "at": AT,
    }
    return Sending(**(values | changes))


def received(number: int = 1, **changes: Any) -> Received:
    """The end of that attempt."""
    values: dict[str, Any] = {
        "number": number,
        "message_id": f"m-{number}",
        "outcome": "accepted",
        "reason": None,
        "detail": None,
        "status": 200,
        "headers": {"Content-Type": "application/xml", "X-Odd": "\x00é"},
        "body": b"<answer/>" + EVERY_BYTE,
        "at": AT,
    }
    return Received(**(values | changes))


def event(topic: str = "herald.nhis.results", **changes: Any) -> Event:
    """An event with headers that repeat, are empty, and hold every byte."""
    values: dict[str, Any] = {
        "key": b"\x00key\xff",
        "value": b'{"nrn":"1"}' + EVERY_BYTE,
        "headers": (
            ("ce_id", b"r-1"),
            ("ce_id", b"again"),
            ("empty", b""),
            ("bytes", EVERY_BYTE),
            ("ключ", b"1"),
        ),
    }
    return Event(topic=topic, **(values | changes))


def dead_letter(id: str = "d-1", **changes: Any) -> DeadLetter:  # noqa: A002 - the field's name
    """A dead letter of submission s-1."""
    values: dict[str, Any] = {
        "reason": "outcome-unknown",
        "detail": "nobody knows",
        "system": "nhis",
        "operation": "immunization.register",
        "signer": "dr-ivanova",
        "source": SOURCE,
        "submission_id": "s-1",
        "event": event("herald.nhis.dead-letters"),
        "origin": Origin(PLACE.topic, PLACE.partition, PLACE.offset, PLACE.timestamp_ms),
        "topic_id": PLACE.topic_id,
    }
    return DeadLetter(id=id, **(values | changes))


def final(state: State = State.ACCEPTED, **changes: Any) -> Final:
    """The end of a revision."""
    values: dict[str, Any] = {"reply": event(), "dead_letter": None, "at": AT}
    return Final(state=state, **(values | changes))
