"""What an answer of NHIF means: a pure and total function of status, headers and body.

The specification knows one status: 403, without a qualified certificate. All else is inferred from what HTTP says;
what matters of it is a setting. What was not stated is Unknown, never success.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Accepted, Blocked, Outcome, Rejected, StatedError, Unknown
from worker.systems.answer_settings import blocked_by
from worker.systems.http_outcome import outcome_of_status, retry_if_turned_away
from worker.systems.nhif.catalogue.services import Media
from worker.systems.nhif.response import Content, Form, read, reply_data
from worker.transport.status_classes import SUCCESSFUL

if TYPE_CHECKING:
    from datetime import datetime

    from worker.systems.answer_settings import OperatorError
    from worker.transport.port import Answer

LONGEST_REASON = 2000
"""Characters of a refusal's text that reach the reply; the whole answer stands beside it."""


@immutable
class Rules:
    """The settings that change how an answer is read."""

    not_processed: frozenset[int]
    refusals: frozenset[int]
    operator_errors: tuple[OperatorError, ...] = ()


@immutable
class Expected:
    """The expected answer. ``shown`` names the certificate in plain words; ``answer``: its form by the catalogue."""

    shown: str
    answer: Media


def interpret(expected: Expected, answer: Answer, rules: Rules, now: datetime) -> Outcome:
    """Read an answer. Never raises; Accepted only for a success that is whole and of the promised form."""
    status = answer.status
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return _refused_access(expected, status)
    if retry := retry_if_turned_away(answer, rules.not_processed, now, system="NHIF", message="request"):
        return retry
    if status in SUCCESSFUL:
        return _success(expected, answer)
    if status in rules.refusals:
        return _refusal(expected, answer, rules)
    return _by_status(answer, now)


def _refused_access(expected: Expected, status: int) -> Blocked:
    return Blocked(
        Reason.ACCESS_DENIED,
        f"NHIF refused access ({status}): it does not accept the certificate of {expected.shown} as "
        "qualified, or its holder may not use this service",
    )


def _success(expected: Expected, answer: Answer) -> Outcome:
    if answer.truncated:
        return Unknown(
            Reason.UNREADABLE_ANSWER, f"the answer was longer than the limit (status {answer.status})"
        )
    content = read(answer)
    if content.form is Form.HTML:
        return Unknown(
            Reason.UNEXPECTED_MESSAGE, f"NHIF answered {answer.status} with an HTML page, not as a service"
        )
    if content.form is Form.BROKEN or answer.status == HTTPStatus.PARTIAL_CONTENT:
        return Unknown(
            Reason.UNREADABLE_ANSWER,
            f"the answer is incomplete, or its content contradicts its type (status {answer.status})",
        )
    if expected.answer is not Media.ANY and content.form.value != expected.answer.value:
        return Unknown(
            Reason.UNEXPECTED_MESSAGE,
            f"the answer is not {expected.answer}, which the catalogue requires (status {answer.status})",
        )
    return Accepted(reply_data(answer, content))


def _refusal(expected: Expected, answer: Answer, rules: Rules) -> Outcome:
    """Take the body for the reason, as the form of NHIF's refusals is not public."""
    content = read(answer)
    if reason := _reason(content):
        errors = (StatedError(type=str(answer.status), reason=reason),)
        full = (StatedError(type=str(answer.status), reason=content.text),)
        blocked = blocked_by(full, rules.operator_errors, system="NHIF", signed_by=expected.shown)
        return replace(blocked, errors=errors) if blocked else Rejected(errors)
    return Blocked(
        Reason.UNREADABLE_ANSWER,
        f"NHIF refused the request ({answer.status}), but gave no readable reason",
    )


def _reason(content: Content) -> str | None:
    if content.text is None or content.form is Form.HTML:
        return None
    text = content.text.strip("\ufeff \t\r\n")
    return text if len(text) <= LONGEST_REASON else text[:LONGEST_REASON] + " …"


def _by_status(answer: Answer, now: datetime) -> Outcome:
    """Return the meaning of a status that neither the specification nor a setting decides."""
    status = answer.status
    if status in _BLOCKED:
        reason, sentence = _BLOCKED[status]
        return Blocked(reason, sentence)
    return outcome_of_status(answer, now, system="NHIF", message="request")


_BLOCKED: dict[int, tuple[Reason, str]] = {
    HTTPStatus.NOT_FOUND: (
        Reason.NOT_FOUND,
        "NHIF has no service at this address (404): see the setting api_url and the service's catalogue entry",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        Reason.REQUEST_TOO_LARGE,
        "NHIF does not accept a document of this size (413)",
    ),
    HTTPStatus.REQUEST_URI_TOO_LONG: (
        Reason.REQUEST_TOO_LARGE,
        "NHIF does not accept an address of this length (414): the parameters are too long",
    ),
}
