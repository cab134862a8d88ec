"""The messages, in memory: who sent them, whose they are, and when each recipient opened its own."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from sandbox.edelivery.people import Profile

FIRST_ID = 2001


@dataclass(slots=True)
class Receipt:
    """One recipient's copy. ``openings`` counts every look at it, the first of which is the legal receipt."""

    profile: Profile
    opened_at: datetime | None = None
    openings: int = 0


@dataclass(slots=True)
class Message:
    """One message. ``fields`` are by guid; those of files have lists of numbers. ``sent_by`` names the ESB's client."""

    message_id: int
    sender: Profile
    recipients: dict[int, Receipt]
    subject: str = field(repr=False)
    rnu: str | None
    template_id: int
    fields: Mapping[str, Any] = field(repr=False)
    blob_ids: tuple[int, ...]
    sent_at: datetime
    sent_by: Profile | None = None
    forwarded: int | None = None
    sent_rnu: str | None = None
    """The number that the sender gave, whatever became of it."""

    def shown(self) -> dict[str, Any]:
        """Return the ledger's line of it, ready for JSON: its subject as a digest, no content."""
        return {
            "messageId": self.message_id,
            "senderProfileId": self.sender.profile_id,
            "sentByProfileId": None if self.sent_by is None else self.sent_by.profile_id,
            "recipients": [
                {
                    "profileId": number,
                    "dateReceived": None if one.opened_at is None else one.opened_at.isoformat(),
                    "openings": one.openings,
                }
                for number, one in self.recipients.items()
            ],
            "subject_sha256": hashlib.sha256(self.subject.encode("utf-8", "replace")).hexdigest(),
            "rnu": self.rnu,
            "sentRnu": self.sent_rnu,
            "templateId": self.template_id,
            "fields": sorted(self.fields),
            "blobIds": list(self.blob_ids),
            "dateSent": self.sent_at.isoformat(),
            "forwardedMessageId": self.forwarded,
        }


class Messages:
    """All messages of one eDelivery, in the order of their sending."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = itertools.count(FIRST_ID)
        self._by_id: dict[int, Message] = {}

    def __iter__(self) -> Iterator[Message]:
        return iter(self._by_id.values())

    def get(self, message_id: int) -> Message | None:
        """Return the message with this number."""
        return self._by_id.get(message_id)

    def add(self, sender: Profile, recipients: list[Profile], **content: Any) -> Message:
        """Keep a message, sent now unless `sent_at` says otherwise; without an `rnu` it gets a new one."""
        content.setdefault("sent_at", self._now())
        content["rnu"] = content.get("rnu") or str(uuid4())
        number = next(self._numbers)
        receipts = {one.profile_id: Receipt(one) for one in recipients}
        message = Message(number, sender, receipts, **content)
        self._by_id[number] = message
        return message

    def sent_by(self, profile_id: int) -> list[Message]:
        """Return the messages that a profile sent."""
        return [one for one in self if one.sender.profile_id == profile_id]

    def received_by(self, profile_id: int) -> list[Message]:
        """Return the messages of a profile."""
        return [one for one in self if profile_id in one.recipients]

    def open(self, message: Message, profile_id: int) -> bool:
        """Open a recipient's copy; return whether it is the first time, which is the receipt."""
        receipt = message.recipients[profile_id]
        receipt.openings += 1
        if receipt.opened_at is not None:
            return False
        receipt.opened_at = self._now()
        return True
