"""What an answer of the register means: a pure and total function of status, headers and body.

The document names the statuses 200 (for refusals too), 401, 404 as HTML, and 500; the other rows are inferred from
the behaviour of gateways. An answer that does not state its outcome is Unknown, never a success.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Accepted, AlreadyExists, Blocked, Outcome, Rejected, Retry, StatedError, Unknown
from worker.systems.answer_settings import blocked_by
from worker.systems.erx.envelope import Envelope, read_envelope
from worker.systems.http_outcome import outcome_of_status, retry_if_turned_away
from worker.systems.stated import says
from worker.transport.status_classes import CLIENT_ERROR, SUCCESSFUL

if TYPE_CHECKING:
    import re
    from datetime import datetime

    from worker.systems.answer_settings import OperatorError
    from worker.systems.erx.response import PlainReader, Reader
    from worker.transport.port import Answer


@immutable
class Rules:
    """The settings that change how an answer is read."""

    not_processed: frozenset[int]
    server_failures: tuple[re.Pattern[str], ...] = ()
    token_refusals: tuple[re.Pattern[str], ...] = ()
    operator_errors: tuple[OperatorError, ...] = ()


@immutable
class Expected:
    """The readers of an answer. ``plain`` reads an answer without the frame, where the operation has one.

    ``half_made``: sentences of an unsuccessful answer after which the register may have a part of what was sent.
    """

    read: Reader
    plain: PlainReader | None = None
    half_made: tuple[re.Pattern[str], ...] = ()


def interpret(expected: Expected, answer: Answer, rules: Rules, now: datetime) -> Outcome:
    """Read an answer. Never raises; Accepted only for a stated success that fits the request."""
    by_status = _by_status(answer, rules, now)
    if by_status is not None:
        return by_status
    envelope = read_envelope(answer)
    if envelope is not None and not envelope.success and _may_refuse(answer.status):
        return _in_part(expected, envelope.errors) or _refusal(envelope.errors, rules)
    return _read(expected, answer, envelope) if answer.status in SUCCESSFUL else _unstated(answer, now)


def _may_refuse(status: int) -> bool:
    """Whether `Success: false` with this status is a refusal: 200 by the document, 4xx by HTTP's own meaning."""
    return status == HTTPStatus.OK or (status in CLIENT_ERROR and status != HTTPStatus.REQUEST_TIMEOUT)


def _by_status(answer: Answer, rules: Rules, now: datetime) -> Outcome | None:
    """Return the outcome of a status that decides without the body; None for the other statuses."""
    status = answer.status
    if status == HTTPStatus.UNAUTHORIZED:
        return _token_refused("401")
    if status == HTTPStatus.FORBIDDEN:
        return Blocked(Reason.ACCESS_DENIED, "the register refused access (403): check the user's rights")
    return retry_if_turned_away(answer, rules.not_processed, now, system="the register")


def _token_refused(how: str) -> Retry:
    return Retry(Reason.TOKEN_REFUSED, f"the register refused the token ({how})", delay=0, reauthorize=True)


def _in_part(expected: Expected, errors: tuple[StatedError, ...]) -> AlreadyExists | None:
    """Return what a look-up must settle: a failure in the middle, after which a part may be there."""
    half_made = any(says(error.reason, expected.half_made) for error in errors)
    return AlreadyExists(errors) if half_made else None


def _refusal(errors: tuple[StatedError, ...], rules: Rules) -> Outcome:
    """Return the outcome that the errors state: not all of them are refusals."""
    if _all_say(errors, rules.token_refusals):
        return _token_refused("in its answer")
    if _all_say(errors, rules.server_failures):
        return Unknown(Reason.SERVER_ERROR, "the register failed and did not say whether it processed it")
    blocked = blocked_by(errors, rules.operator_errors, system="the register")
    return blocked or Rejected(errors or (StatedError(type=None),))


def _all_say(errors: tuple[StatedError, ...], patterns: tuple[re.Pattern[str], ...]) -> bool:
    return bool(errors) and all(says(error.reason, patterns) for error in errors)


def _read(expected: Expected, answer: Answer, envelope: Envelope | None) -> Outcome:
    if answer.truncated:
        return Unknown(Reason.UNREADABLE_ANSWER, f"the answer was longer than the limit ({answer.status})")
    if envelope is None:
        return _read_plain(expected, answer)
    if not envelope.success:
        detail = f"the answer states no success, and its status is not a refusal ({answer.status})"
        return Unknown(Reason.UNEXPECTED_MESSAGE, detail)
    if envelope.errors:
        return Unknown(Reason.UNEXPECTED_MESSAGE, "the answer states success and errors at once")
    data = expected.read(envelope.result)
    if data is None:
        return Unknown(Reason.UNEXPECTED_MESSAGE, "the answer states success, but for other content")
    return Accepted(data)


def _read_plain(expected: Expected, answer: Answer) -> Outcome:
    data = expected.plain(answer) if expected.plain is not None else None
    if data is None:
        detail = f"the answer states neither success nor refusal (status {answer.status})"
        return Unknown(Reason.UNREADABLE_ANSWER, detail)
    return Accepted(data)


def _unstated(answer: Answer, now: datetime) -> Outcome:
    """Return the outcome of an answer that is neither a readable refusal nor a success."""
    status = answer.status
    if status in _BLOCKED:
        reason, sentence = _BLOCKED[status]
        return Blocked(reason, sentence)
    return outcome_of_status(answer, now, system="the register")


_BLOCKED: dict[int, tuple[Reason, str]] = {
    HTTPStatus.NOT_FOUND: (
        Reason.NOT_FOUND,
        "the register has no service at this address (404): see the setting api_url",
    ),
    HTTPStatus.BAD_REQUEST: (
        Reason.UNREADABLE_ANSWER,
        "the register refused the message (400), but its reason is unreadable",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        Reason.REQUEST_TOO_LARGE,
        "the register does not accept a message of this size (413)",
    ),
}
