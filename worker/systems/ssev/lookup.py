"""Whether a message whose answer was lost is in the outbox. Pure.

The outbox shows a message's reference number, template and subject, and its recipients by name alone; so those that fit
are read one by one, which has no effect, and their recipients, time and fields are compared. Only a number that Herald
generated for this very submission needs no comparison. What was sent on behalf of another profile cannot be read
(confirmed).

The public server gives each message a reference number of its own in place of the one that was sent (see the setting
`look_up.sent_rnu`), so that a message with another number is not known to be another message.
"""

from __future__ import annotations

from dataclasses import field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Accepted, NotArrived, Outcome, Unknown
from worker.systems.ssev.comparing import all_of, expected_fields, says_the_same
from worker.systems.ssev.response import listed_message, page_of, system_id
from worker.systems.ssev.sending import known_template
from worker.systems.ssev.settings import SentRnu
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from worker.systems.ssev.begun import Begun
    from worker.systems.ssev.comparing import Expected, Since
    from worker.systems.ssev.outgoing import Outgoing

_BEFORE = timedelta(days=1)
"""The look-up begins the day before the first step: the clocks of the system and of Herald may differ."""
_AFTER = timedelta(days=2)
"""The interface takes days and reads the last one as its beginning, which must lie after today in any zone."""


@immutable
class Wanted:
    """What is looked for: what the message says outside its content.

    ``unique``: no other submission has this reference number.
    """

    rnu: str
    unique: bool
    template_id: int
    subject: str = field(repr=False)
    recipients: frozenset[int]
    since: Since
    fields: Mapping[str, Expected] = field(repr=False)


def wanted_of(message: Outgoing, progress: Mapping[str, str], since: Since, *, unique: bool) -> Wanted:
    """Return what is looked for; ``progress`` is that of the step that sends."""
    return Wanted(
        message.rnu,
        unique,
        message.template_id,
        message.subject,
        frozenset(message.recipients),
        since,
        expected_fields(message, known_template(progress)),
    )


def days_of(begun: Begun, now: datetime, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the last day of the look-up, so that a clock that was wrong once only adds days."""
    first = begun.earliest.astimezone(zone).date() - _BEFORE
    return first, max(now, begun.latest).astimezone(zone).date() + _AFTER


def covers(last: date, stated: datetime | None, zone: ZoneInfo) -> bool:
    """Whether the last day lies after the day on which the system answered, where it states that."""
    return stated is None or stated.astimezone(zone).date() < last


def named(wanted: Wanted, listed: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the ids of the messages that a reference number of this submission alone proves to be its own."""
    return [one["messageId"] for one in _listed(listed) if wanted.unique and one.get("rnu") == wanted.rnu]


def candidates(wanted: Wanted, listed: Sequence[Mapping[str, Any]], sent_rnu: SentRnu) -> list[int]:
    """Return the ids of the messages that may be the one that is looked for, and must be compared."""
    return [one["messageId"] for one in _listed(listed) if _may_be(wanted, one, sent_rnu)]


def settle(wanted: Wanted, document: object, sent_rnu: SentRnu) -> Outcome | NotArrived | None:
    """Decide by what one look-up has read (see `Outbox`); None where it cannot be read."""
    match document:
        case {
            "result": list(),
            "views": list(views),
            "complete": bool(complete),
            "covers_today": bool(covers_today),
        }:
            page = page_of(document)
        case _:
            return None
    if page is None or not all(isinstance(one, dict) for one in views):
        return None
    if proven := named(wanted, page.entries):
        return _found(proven[0], wanted, wanted.rnu) if len(proven) == 1 else _undecided(_SEVERAL)
    by_id = {view.get("messageId"): view for view in views}
    ids = candidates(wanted, page.entries, sent_rnu)
    compared = [(one, _is_it(wanted, by_id[one]) if one in by_id else None) for one in ids]
    if any(is_it is None for _, is_it in compared):
        return _undecided(
            "the outbox shows messages with this template and subject that could not be compared, or that were sent"
            " between the times of two clocks that disagree"
        )
    unread = _unread(complete=complete, covers_today=covers_today)
    return _decide(wanted, [by_id[one] for one, is_it in compared if is_it], sent_rnu, unread)


def _unread(*, complete: bool, covers_today: bool) -> str | None:
    """Return why messages may be missing from what was read, None where none are."""
    if not complete:
        return "the outbox of these days has more messages than a look-up reads"
    if not covers_today:
        return "the look-up ended before today: the clock of this worker is behind the system's"
    return None


_SEVERAL = "the outbox shows several messages with this reference number"


def _decide(
    wanted: Wanted, same: Sequence[Mapping[str, Any]], sent_rnu: SentRnu, unread: str | None
) -> Outcome | NotArrived:
    ours = [one for one in same if one.get("rnu") == wanted.rnu]
    others = [one for one in same if one.get("rnu") != wanted.rnu]
    if len(ours) > 1:
        return _undecided(_SEVERAL)
    if ours:
        return _found(ours[0]["messageId"], wanted, wanted.rnu)
    if unread is not None:
        return _undecided(unread)
    if len(others) == 1 and sent_rnu is SentRnu.REPLACED:
        return _found(others[0]["messageId"], wanted, others[0].get("rnu"))
    if others:
        return _undecided(
            "the outbox shows the same message under another reference number, which may be this one"
        )
    return NotArrived(Reason.OUTCOME_UNKNOWN, "the outbox does not show the message")


def _found(message_id: int, wanted: Wanted, stated: object) -> Accepted:
    other = stated if isinstance(stated, str) and stated != wanted.rnu else None
    data = without_gaps(messageId=message_id, rnu=wanted.rnu, statedRnu=other, foundByLookUp=True)
    return Accepted(data, reference=str(message_id))


def _listed(entries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the messages that can be read, each once: a message that is sent meanwhile moves the others."""
    found = [one for entry in entries if (one := listed_message(entry)) is not None]
    return list({one["messageId"]: one for one in found}.values())


def _may_be(wanted: Wanted, one: Mapping[str, Any], sent_rnu: SentRnu) -> bool:
    """Whether template and subject are the same, and the number may be; what is not stated may be the same."""
    template, subject, rnu = one.get("templateId"), one.get("subject"), one.get("rnu")
    if sent_rnu is SentRnu.KEPT and rnu not in {None, wanted.rnu}:
        return False
    if wanted.since.has(one.get("dateSent")) is False:
        return False
    return template in {None, wanted.template_id} and (
        subject is None or subject.strip() == wanted.subject.strip()
    )


def _is_it(wanted: Wanted, view: Mapping[str, Any]) -> bool | None:
    """Whether a message that was read is the one that is looked for; None where that cannot be read.

    What certainly differs in one respect is another message, whatever else cannot be read of it.
    """
    recipients = _recipients(view)
    respects = (
        None if recipients is None else recipients == wanted.recipients,
        wanted.since.has(view.get("dateSent")),
        says_the_same(wanted.fields, view),
    )
    return all_of(respects)


def _recipients(view: Mapping[str, Any]) -> frozenset[int] | None:
    """Return the recipients of a message that was read; None where they are not stated."""
    given = view.get("recipients")
    if not isinstance(given, list) or not given:
        return None
    found = [system_id(one.get("profileId")) if isinstance(one, dict) else None for one in given]
    known = [one for one in found if one is not None]
    return frozenset(known) if len(known) == len(found) else None


def _undecided(detail: str) -> Unknown:
    return Unknown(Reason.OUTCOME_UNKNOWN, detail)
