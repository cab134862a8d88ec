"""One thing that is wrong, and under which count it falls."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Count(StrEnum):
    """The counts that must be zero, as the report spells them."""

    LOST = "lost"
    ANSWERED_TWICE = "answered_twice"
    REGISTERED_TWICE = "registered_twice"
    SENT_TWICE = "sent_twice"
    NOTIFICATIONS_LOST = "notifications_lost"
    NOTIFIED_TWICE = "notified_twice"
    FILES_MISSING = "files_missing"
    COPIED = "copied"
    OUT_OF_ORDER = "out_of_order"
    DISAGREEMENTS = "disagreements"


@dataclass(frozen=True, slots=True)
class Finding:
    """``subject`` is an id; ``text`` says what the evidence is, without health data."""

    count: Count
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.count.value}: {self.subject}: {self.text}"
