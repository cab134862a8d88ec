"""What an answer of the portal means: a pure and total function of status and body.

Confirmed by the specification alone: a call that went well is answered, one that did not is answered with a message
that describes the error. That it is a SOAP fault is inferred, as is what its code says.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from contracts.immutable import immutable
from contracts.reasons import Reason
from contracts.strict_json import NotJson
from worker.outcome import Accepted, Blocked, Outcome, Rejected, Retry, StatedError, Unknown
from worker.systems import json_answer
from worker.systems.answer_settings import blocked_by
from worker.systems.esb.errors import read_error, retry_if_esb_turned_away
from worker.systems.http_outcome import outcome_of_status, retry_if_turned_away
from worker.systems.peu.response import Content, Fault, as_json, read_answer
from worker.systems.peu.wsdl import UnreadableAnswer
from worker.text_encoding import text_of
from worker.transport.status_classes import CLIENT_ERROR, SUCCESSFUL

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from lxml import etree

    from worker.systems.answer_settings import OperatorError
    from worker.transport.port import Answer

TITLE = "the portal of e-government"


@immutable
class Rules:
    """The settings that change how an answer is read."""

    not_processed: frozenset[int]
    refusal_codes: frozenset[str]
    operator_errors: tuple[OperatorError, ...] = ()


class Reads(Protocol):
    """What the WSDL says of answers."""

    def read(self, operation: str, body: etree._Element) -> Any:
        """Return the content. Raises UnreadableAnswer."""

    def declares_fault(self, operation: str, detail: etree._Element) -> bool:
        """Whether the operation declares this fault."""


def interpret_call(service: Reads, operation: str, answer: Answer, rules: Rules, now: datetime) -> Outcome:
    """Read the answer to a call. Never raises; Accepted only for the very message that the WSDL names."""
    status = answer.status
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return refused_access(status, "the user or the password")
    if retry := retry_if_turned_away(answer, rules.not_processed, now, system=TITLE, message="call"):
        return retry
    said = read_answer(answer)
    if isinstance(said, Fault):
        return _fault(service, operation, said, rules)
    if status not in SUCCESSFUL:
        return outcome_of_status(answer, now, system=TITLE, message="call")
    return _content(service, operation, said, status)


def interpret_register(answer: Answer, rules: Rules, now: datetime) -> Outcome:
    """Read the answer of the register. Its form is not public: any JSON is an answer."""
    status = answer.status
    if status == HTTPStatus.UNAUTHORIZED:
        return Retry(Reason.ACCESS_DENIED, f"the ESB refused the token ({status})", reauthorize=True)
    if status == HTTPStatus.FORBIDDEN:
        return refused_access(status, "that this signer reads its register")
    if retry := retry_if_esb_turned_away(answer, rules.not_processed, now, system=TITLE, message="question"):
        return retry
    if status not in SUCCESSFUL:
        return _refused_read(answer) or outcome_of_status(answer, now, system=TITLE, message="question")
    text = None if answer.truncated else text_of(answer.body, answer.charset)
    try:
        return (
            Accepted({"content": json_answer.parse(text)}) if text is not None else _unreadable(answer.status)
        )
    except NotJson:
        return _unreadable(answer.status)


def _refused_read(answer: Answer) -> Outcome | None:
    """Read the ESB's own error, where the answer is one: a read that it refuses for a reason is refused."""
    error = read_error(answer)
    if error is None:
        return None
    if error.retry_after is not None:
        return Retry(Reason.UNAVAILABLE, f"the ESB asks to wait ({error.origin})", error.retry_after)
    return Rejected(error.errors) if answer.status in CLIENT_ERROR and error.errors else None


def refused_access(status: int, what: str) -> Blocked:
    """Return that an operator must act."""
    return Blocked(Reason.ACCESS_DENIED, f"{TITLE} refused access ({status}): it does not accept {what}")


def _content(service: Reads, operation: str, said: Content | None, status: int) -> Outcome:
    if said is None:
        return _unreadable(status)
    try:
        result = as_json(service.read(operation, said.body))
    except UnreadableAnswer:
        return Unknown(
            Reason.UNEXPECTED_MESSAGE, "the answer is not the message that the WSDL names as the operation's"
        )
    return Accepted({"operation": operation, "result": result})


def _unreadable(status: int) -> Unknown:
    return Unknown(Reason.UNREADABLE_ANSWER, f"the answer could not be read whole (status {status})")


def _fault(service: Reads, operation: str, fault: Fault, rules: Rules) -> Outcome:
    errors = (StatedError(type=fault.code or None, reason=fault.sentence, description=fault.description),)
    declared = fault.detail is not None and service.declares_fault(operation, fault.detail)
    if not declared and fault.code not in rules.refusal_codes:
        return Unknown(
            Reason.SERVER_ERROR, f"{TITLE} answered a fault that says nothing of the call's outcome"
        )
    return blocked_by(errors, rules.operator_errors, system=TITLE) or Rejected(errors)
