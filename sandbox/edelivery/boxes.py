"""Which messages a page of an inbox or an outbox has, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from sandbox.edelivery.answers import invalid
from sandbox.edelivery.times import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.edelivery.messages import Message

T = TypeVar("T")
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list; without a limit, all that follows."""

    offset: int
    limit: int | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Page:
        """Read `offset` and `limit`. Raises Refused (400)."""
        return cls(whole(query, "offset") or 0, whole(query, "limit"))

    def of(self, found: Sequence[T]) -> Sequence[T]:
        """Return the part of a list."""
        return found[self.offset :] if self.limit is None else found[self.offset : self.offset + self.limit]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a page asks for. Both dates are moments: a `to` without a time is the first one of its day."""

    sent_from: datetime | None
    sent_to: datetime | None
    template_id: int | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filter:
        """Read `from`, `to` and `templateId`. Raises Refused (400)."""
        return cls(_moment(query, "from"), _moment(query, "to"), whole(query, "templateid"))

    def of(self, messages: Iterable[Message]) -> list[Message]:
        """Return the messages that are asked for."""
        return [one for one in messages if self._wanted(one)]

    def _wanted(self, message: Message) -> bool:
        sent = message.sent_at
        return (
            (self.sent_from is None or sent >= self.sent_from)
            and (self.sent_to is None or sent <= self.sent_to)
            and self.template_id in (None, message.template_id)
        )


def sent_order(messages: Iterable[Message]) -> list[Message]:
    """Return an outbox: what was sent last comes first."""
    return sorted(messages, key=lambda one: (one.sent_at, one.message_id), reverse=True)


def received_order(messages: Iterable[Message], profile_id: int) -> list[Message]:
    """Return an inbox: the unopened ones first, then what was opened last; among equals, what was sent last."""

    def key(message: Message) -> tuple[datetime, datetime, int]:
        opened = message.recipients[profile_id].opened_at
        return (opened or _LAST, message.sent_at, message.message_id)

    return sorted(messages, key=key, reverse=True)


def whole(query: Mapping[str, str], name: str) -> int | None:
    """Return a number of the query, None where it is not there. Raises Refused (400)."""
    text = query.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise invalid(name, f"The value '{text}' is not valid.")
    return int(text)


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        return read(text)
    except ValueError as error:
        raise invalid(name, f"The value '{text}' is not valid.") from error
