"""What an answer of eDelivery means: a pure and total function of status, headers and body.

The interface's page names 401, 403, 404 and 400; the errors' form is that of the public server's framework (RFC 7807).
The other rows are inferred from what HTTP says. An answer that does not state its outcome is Unknown, never a success.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Blocked, Outcome, Rejected, Retry, StatedError, Unknown
from worker.systems.answer_settings import blocked_by
from worker.systems.esb.errors import EsbError, read_error, retry_if_esb_turned_away
from worker.systems.http_outcome import outcome_of_status
from worker.systems.ssev.response import document_of
from worker.transport.status_classes import SUCCESSFUL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from worker.systems.answer_settings import OperatorError
    from worker.transport.port import Answer

TITLE = "eDelivery"
_BACK_END = "EDELIVERY"
_MOST_ERRORS = 100
_LONGEST = 2000
_FORBIDDEN = (
    f"{TITLE} does not let the signer's profile do this (403): the message, template or target group is not its own, "
    "or it may not represent that profile"
)
_STATED_REFUSALS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})


@immutable
class Rules:
    """The settings that change how an answer is read."""

    not_processed: frozenset[int]
    refusals: frozenset[int] = frozenset()
    operator_errors: tuple[OperatorError, ...] = ()


class Reader(Protocol):
    """Reads the JSON document of an answer with a successful status; pure and total."""

    def __call__(self, document: object) -> Outcome | None:
        """Return the outcome that it states; None where it states none, or not of what was asked."""


def interpret(
    read: Reader, answer: Answer, rules: Rules, now: datetime, *, absent: Outcome | None = None
) -> Outcome:
    """Read an answer. Never raises; Accepted and Advanced only for a stated success that fits the request.

    ``absent`` is what it means that the system itself states that there is no such thing (404).
    """
    status = answer.status
    if outcome := _unread(answer, rules, now):
        return outcome
    if status in SUCCESSFUL:
        return _read(read, answer)
    if status == HTTPStatus.NOT_FOUND and absent is not None and _is_problem(answer):
        return absent
    return _refused(answer, rules) if status in _STATED_REFUSALS else _by_status(answer, now)


def refused(errors: tuple[StatedError, ...], rules: Rules) -> Outcome:
    """Return the outcome of a stated refusal: final, unless only an operator can remove its reason."""
    return blocked_by(errors, rules.operator_errors, system=TITLE) or Rejected(errors)


def _unread(answer: Answer, rules: Rules, now: datetime) -> Outcome | None:
    """Return what the ESB says in the system's place, whatever was asked for."""
    status, error = answer.status, read_error(answer)
    if status == HTTPStatus.UNAUTHORIZED:
        detail = f"the ESB or {TITLE} refused the token (401)"
        return Retry(Reason.TOKEN_REFUSED, detail, delay=0, reauthorize=True)
    if status == HTTPStatus.FORBIDDEN:
        return Blocked(Reason.ACCESS_DENIED, _FORBIDDEN, () if error is None else error.errors)
    if error is not None and status not in rules.not_processed:
        return _of_esb(error, status, rules)
    return retry_if_esb_turned_away(answer, rules.not_processed, now, system=TITLE)


def _of_esb(error: EsbError, status: int, rules: Rules) -> Outcome:
    """Return what the ESB's own error means: a refusal where it states that the back-end refused the message.

    One that asks to wait, a failure, and one beside a status of success do not say whether it was processed.
    """
    is_refusal = status in rules.refusals and error.origin.upper() == _BACK_END and error.retry_after is None
    if is_refusal and error.errors:
        return refused(error.errors, rules)
    detail = f"the ESB states a failure ({status}), and not whether {TITLE} processed the message"
    return Unknown(Reason.SERVER_ERROR, detail, error.retry_after)


def _read(read: Reader, answer: Answer) -> Outcome:
    if answer.truncated:
        return Unknown(Reason.UNREADABLE_ANSWER, f"the answer was longer than the limit ({answer.status})")
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        return Unknown(Reason.UNREADABLE_ANSWER, "the answer is incomplete (206)")
    document = document_of(answer)
    if document is None:
        return Unknown(Reason.UNREADABLE_ANSWER, f"the answer is not JSON (status {answer.status})")
    outcome = read(document)
    if outcome is None:
        return Unknown(Reason.UNEXPECTED_MESSAGE, "the answer does not state what was asked for")
    return outcome


def _refused(answer: Answer, rules: Rules) -> Outcome:
    """Return what the system says of a message that it did not process."""
    errors = _errors_in(document_of(answer))
    if not errors:
        detail = f"{TITLE} refused the message ({answer.status}), but its reason is unreadable"
        return Blocked(Reason.UNREADABLE_ANSWER, detail)
    return refused(errors, rules)


def _errors_in(document: object) -> tuple[StatedError, ...]:
    """Return the errors of a refusal: of each member of the message that was sent, or of all of it."""
    match document:
        case str(sentence) if sentence.strip():
            return (StatedError(type="400", reason=sentence[:_LONGEST]),)
        case {"errors": dict(members)} if members:
            return _validation(members)
        case {"title": str(), "detail": str(detail)} if detail.strip():
            return (StatedError(type="400", reason=detail[:_LONGEST]),)
        case {"title": str(title)} if title.strip():
            return (StatedError(type="400", reason=title[:_LONGEST]),)
    return ()


def _validation(members: Mapping[str, object]) -> tuple[StatedError, ...]:
    found = [
        StatedError(type="validation", reason=sentence[:_LONGEST], faulty_attribute=name or None)
        for name, sentences in members.items()
        for sentence in _sentences(sentences)
    ]
    return tuple(found[:_MOST_ERRORS])


def _sentences(value: Any) -> list[str]:
    given = value if isinstance(value, list) else [value]
    return [one for one in given if isinstance(one, str) and one.strip()]


def _is_problem(answer: Answer) -> bool:
    """Whether the framework of the back-end wrote this 404: one of the gateway says nothing of the thing asked for."""
    match document_of(answer):
        case {"status": HTTPStatus.NOT_FOUND, "title": str()}:
            return True
    return False


def _by_status(answer: Answer, now: datetime) -> Outcome:
    if answer.status in _BLOCKED:
        reason, sentence = _BLOCKED[answer.status]
        return Blocked(reason, sentence)
    return outcome_of_status(answer, now, system=TITLE)


_BLOCKED: dict[int, tuple[Reason, str]] = {
    HTTPStatus.NOT_FOUND: (
        Reason.NOT_FOUND,
        f"there is nothing at this address (404): see the settings of the ESB's gateway and of {TITLE}'s paths",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        Reason.REQUEST_TOO_LARGE,
        f"{TITLE} does not accept a message of this size (413)",
    ),
}
