"""What an answer of ePayments means: a pure and total function of status, headers and body.

The interface document names 401 and 400, and 200 with one of two receipts; the texts are those of the public server.
The other rows are inferred from what HTTP says. An answer that does not state its outcome is Unknown, never a success.
"""

from __future__ import annotations

import re
from dataclasses import field
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Blocked, Outcome, Rejected, StatedError, Unknown
from worker.systems.answer_settings import blocked_by
from worker.systems.epayment.response import document_of, text
from worker.systems.http_outcome import outcome_of_status, retry_if_turned_away
from worker.systems.stated import says
from worker.transport.status_classes import SUCCESSFUL

if TYPE_CHECKING:
    from datetime import datetime

    from worker.systems.answer_settings import OperatorError
    from worker.transport.port import Answer

TITLE = "ePayments"


@immutable
class Rules:
    """The settings that change how an answer is read."""

    not_processed: frozenset[int]
    already_exists: tuple[re.Pattern[str], ...] = ()
    operator_errors: tuple[OperatorError, ...] = ()


class Reader(Protocol):
    """Reads the JSON document of an answer with a successful status; pure and total."""

    def __call__(self, document: object, rules: Rules) -> Outcome | None:
        """Return the outcome that it states; None where it states none, or not of what was asked."""


@immutable
class Expected:
    """The expected answer. ``client`` names the signer in plain words; ``empty``: whether an empty body is success."""

    read: Reader = field(repr=False)
    client: str
    empty: bool = False


def interpret(expected: Expected, answer: Answer, rules: Rules, now: datetime) -> Outcome:
    """Read an answer. Never raises; Accepted only for a stated success that fits the request."""
    status = answer.status
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        detail = (
            f"{TITLE} refused the client of {expected.client} ({status}): its client_id or secret is wrong"
        )
        return Blocked(Reason.ACCESS_DENIED, f"{detail}, or the client is not active")
    if retry := retry_if_turned_away(answer, rules.not_processed, now, system=TITLE):
        return retry
    if status in SUCCESSFUL:
        return read_success(expected, answer, rules)
    if status == HTTPStatus.BAD_REQUEST:
        return _bad_request(answer, rules)
    return _by_status(answer, now)


def read_success(expected: Expected, answer: Answer, rules: Rules) -> Outcome:
    """Read an answer with a status of success: it may state a refusal all the same, or nothing."""
    if answer.truncated:
        return Unknown(Reason.UNREADABLE_ANSWER, f"the answer was longer than the limit ({answer.status})")
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        return Unknown(Reason.UNREADABLE_ANSWER, "the answer is incomplete (206)")
    document = {} if expected.empty and not answer.body.strip() else document_of(answer)
    if document is None:
        return Unknown(Reason.UNREADABLE_ANSWER, f"the answer is not JSON (status {answer.status})")
    outcome = expected.read(document, rules)
    if outcome is None:
        return Unknown(
            Reason.UNEXPECTED_MESSAGE, "the answer states neither success nor refusal of what was asked"
        )
    return outcome


def _bad_request(answer: Answer, rules: Rules) -> Outcome:
    """Return what the system says of a message that it did not process."""
    message = text(document_of(answer), "message")
    if message is None:
        detail = f"{TITLE} refused the message (400), but its reason is unreadable"
        return Blocked(Reason.UNREADABLE_ANSWER, detail)
    errors = _errors_in(message)
    for pattern, reason, sentence in _OPERATORS:
        if pattern.search(message):
            return Blocked(reason, f"{TITLE} refused the message (400): {sentence}", errors)
    return refused(errors, rules)


def refused(errors: tuple[StatedError, ...], rules: Rules) -> Outcome:
    """Return the outcome of a stated refusal: final, unless only an operator can remove its reason."""
    return blocked_by(errors, rules.operator_errors, system=TITLE) or Rejected(errors)


def all_say(errors: tuple[StatedError, ...], patterns: tuple[re.Pattern[str], ...]) -> bool:
    """Whether there are errors, and each says one of these."""
    return bool(errors) and all(says(error.reason, patterns) for error in errors)


def _errors_in(message: str) -> tuple[StatedError, ...]:
    """Return the errors of a 400, one by one: violations of the system's own XSD are a numbered list."""
    first, *rest = message.splitlines()
    listed = [found[1] for line in rest if (found := _NUMBERED.fullmatch(line.strip()))]
    if _XSD.search(first) and listed:
        return tuple(StatedError(type="xsd", reason=one) for one in listed)
    return (StatedError(type="400", reason=message),)


_XSD = re.compile(r"(?i)^xsd schema validation errors")
_NUMBERED = re.compile(r"[0-9]{1,4}\. (.+)")
# The public server's texts. What each says is certain: nothing was processed, and only an operator can change it.
_OPERATORS = (
    (
        re.compile(r"(?i)requested IBAN must match"),
        Reason.CONFIGURATION,
        "the account in the client's settings (provider.iban) is not the one that it has for this client",
    ),
    (
        re.compile(r"(?i)^not authorized to access payment request"),
        Reason.ACCESS_DENIED,
        "the payment request belongs to another client than the signer's",
    ),
    (
        re.compile(r"(?i)^service client can not be found"),
        Reason.CONFIGURATION,
        "it does not know the signer's client_id as an initiator of payments",
    ),
    (
        re.compile(r"(?i)error occurred when attempting to parse data|can not be deserialize"),
        Reason.CONFIGURATION,
        "it could not read the data of the form",
    ),
)


def _by_status(answer: Answer, now: datetime) -> Outcome:
    """Return the meaning of a status that the document does not name."""
    if answer.status in _BLOCKED:
        reason, sentence = _BLOCKED[answer.status]
        return Blocked(reason, sentence)
    return outcome_of_status(answer, now, system=TITLE)


_BLOCKED: dict[int, tuple[Reason, str]] = {
    HTTPStatus.NOT_FOUND: (
        Reason.NOT_FOUND,
        f"{TITLE} has no service at this address (404): see the setting service_url",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        Reason.REQUEST_TOO_LARGE,
        f"{TITLE} does not accept a message of this size (413)",
    ),
}
