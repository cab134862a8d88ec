"""Push notifications: what is to be posted to a profile's address, and what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.stand_in import InvalidControl

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.edelivery.messages import Message
    from sandbox.edelivery.variants import Variants

EVENTS = ("Received", "Delivered")


@dataclass(slots=True)
class Notice:
    """One notification. ``made`` says whether an event made it, or a control request that forges it."""

    seq: int
    url: str
    body: bytes
    made: bool
    at: str
    attempts: int = 0
    outcome: str | None = None
    """The last attempt's status, or the name of its failure."""
    done: bool = False

    def shown(self) -> dict[str, Any]:
        """Return the ledger's line of it, ready for JSON."""
        return {
            "seq": self.seq,
            "at": self.at,
            "genuine": self.made,
            "body": self.body.decode("utf-8", "replace"),
            "attempts": self.attempts,
            "outcome": self.outcome,
        }


class Notices:
    """The addresses of profiles, and all notifications in order."""

    def __init__(self, variants: Callable[[], Variants], now: Callable[[], datetime]) -> None:
        self._variants = variants
        self._now = now
        self.urls: dict[int, str] = {}
        self.all: list[Notice] = []

    def received(self, message: Message) -> None:
        """Tell each recipient of a new message."""
        for number in message.recipients:
            self._put(number, "Received", message.message_id)

    def delivered(self, message: Message) -> None:
        """Tell the sender that a recipient opened its copy."""
        self._put(message.sender.profile_id, "Delivered", message.message_id)

    def forge(self, body: Any) -> dict[str, Any]:
        """Post `{"url", "EventType", "MessageId"}`, or `{"url", "raw": "any text"}`. Raises InvalidControl."""
        if not isinstance(body, dict) or not isinstance(body.get("url"), str):
            raise InvalidControl("forge takes url, with EventType and MessageId, or with raw")
        event = {name: body[name] for name in ("EventType", "MessageId") if name in body}
        raw = body.get("raw")
        content = raw if isinstance(raw, str) else json.dumps(event)
        return self._add(body["url"], content.encode(), made=False).shown()

    def due(self) -> list[Notice]:
        """Return those that are to be posted."""
        return [one for one in self.all if not one.done]

    def tried(self, notice: Notice, outcome: str, *, taken: bool) -> None:
        """Note an attempt."""
        notice.attempts += 1
        notice.outcome = outcome
        notice.done = taken or not notice.made or notice.attempts >= self._variants().push_attempts

    def _put(self, profile_id: int, event: str, message_id: int) -> None:
        url = self.urls.get(profile_id)
        if url is not None:
            self._add(url, json.dumps({"EventType": event, "MessageId": message_id}).encode(), made=True)

    def _add(self, url: str, body: bytes, *, made: bool) -> Notice:
        notice = Notice(len(self.all) + 1, url, body, made, self._now().isoformat())
        self.all.append(notice)
        return notice
