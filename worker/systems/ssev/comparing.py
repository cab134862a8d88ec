"""Whether a message of the outbox was sent in the time of a submission, and says what its event says. Pure and total.

A service's messages may share number, template, subject and recipients, so that only these two tell them apart. Each
comparison has three results: None where the answer does not state it in a form that can be compared.
"""

from __future__ import annotations

from dataclasses import field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from worker.systems.ssev.begun import CLOCKS_DIFFER
from worker.systems.ssev.outgoing import WAYS
from worker.systems.ssev.response import message_fields
from worker.systems.ssev.uploads import stated_sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from worker.systems.ssev.begun import Begun
    from worker.systems.ssev.outgoing import Outgoing, OutgoingFile

_SHORTEST_TIME = len("2026-03-01T11:30")
_REWRITTEN = "datetime"
"""The type of fields that the system may write in another form than they were sent in (inferred)."""


@immutable
class Since:
    """The time from which on a message may be this one; ``zone`` is that of times without an offset."""

    begun: Begun
    zone: ZoneInfo

    def has(self, stated: object) -> bool | None:
        """Whether a time is not before it.

        None where it cannot be read, where the hour that the clocks repeat leaves it open, and where the two clocks
        disagree about it.
        """
        found = {self._has(moment) for moment in self._moments(stated)}
        return found.pop() if len(found) == 1 else None

    def _has(self, moment: datetime) -> bool | None:
        if moment >= self.begun.latest - CLOCKS_DIFFER:
            return True
        return False if moment < self.begun.earliest - CLOCKS_DIFFER else None

    def _moments(self, stated: object) -> list[datetime]:
        """Return the moments that a time may mean: two in the hour that the clocks repeat, none where it is no time."""
        if not isinstance(stated, str) or len(stated) < _SHORTEST_TIME:
            return []
        try:
            read = datetime.fromisoformat(stated)
            if read.tzinfo is not None:
                return [read.astimezone(UTC)]
            return [read.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        except (ValueError, OverflowError):
            return []


@immutable
class Expected:
    """What one field of the template has in the event; an empty text where the event does not give it."""

    value: str | bool | tuple[OutgoingFile, ...] = field(repr=False)
    rewritten: bool


def expected_fields(message: Outgoing, template: Sequence[Mapping[str, Any]]) -> Mapping[str, Expected]:
    """Return what the message says, by the ids of the template's fields that take a value."""
    given = {one.id: one.value for one in message.fields}
    return {
        one["id"]: Expected(given.get(one["id"], ""), rewritten=one["type"] == _REWRITTEN)
        for one in template
        if one["type"] in WAYS
    }


def says_the_same(expected: Mapping[str, Expected], view: Mapping[str, Any]) -> bool | None:
    """Whether the fields of a message that was read are those of the event."""
    stated = message_fields(view)
    if stated is None or not isinstance(view.get("fields"), dict):
        return None
    by_id = {one["id"]: one for one in stated}
    return all_of(_same(one, by_id.get(name, {})) for name, one in expected.items())


def all_of(respects: Iterable[bool | None]) -> bool | None:
    """Whether all hold: False where one certainly does not, else None where one is open."""
    found = set(respects)
    if False in found:
        return False
    return None if None in found else True


def _same(expected: Expected, stated: Mapping[str, Any]) -> bool | None:
    value = expected.value
    found = stated.get("text", stated.get("checked", stated.get("files")))
    if not value and not found:
        return True
    if isinstance(value, bool):
        return value is found if isinstance(found, bool) else None
    if isinstance(value, str):
        # A text where the event has none, or none where it has one, may be the system's doing.
        if not value or not isinstance(found, str) or not found:
            return None
        return _plain(value) == _plain(found) or (None if expected.rewritten else False)
    return _same_files(value, found)


def _plain(text: str) -> str:
    """Return a text without what systems are known to change: the ends of its lines and the space around it."""
    return "\n".join(text.split("\r\n")).strip()


def _same_files(files: tuple[OutgoingFile, ...], stated: object) -> bool | None:
    """Compare the files by their number, and by the SHA-256 that the system states of them.

    Other files are open: a file that Herald writes anew may have other bytes since a schema was exchanged.
    """
    if not isinstance(stated, list) or len(stated) != len(files):
        return None
    digests = [stated_sha256(one) for one in stated]
    if None in digests:
        return True
    same = sorted(str(one) for one in digests) == sorted(file.sha256.lower() for file in files)
    return True if same else None
