"""What an answer of RegiX means: a pure and total function of status, headers and body.

RegiX states success by `IsReady` and by the absence of an error, and repeats the argument that it was given. What it
refuses before it asks a register is certain; what a register's error means, the settings say. Where a second request
could have a second effect, nothing but a certain refusal or the report itself settles anything.
"""

from __future__ import annotations

import hashlib
from dataclasses import field
from http import HTTPStatus
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Accepted, Blocked, Outcome, Rejected, Retry, StatedError, Taken, Unknown
from worker.systems.http_outcome import outcome_of_status, retry_if_turned_away
from worker.systems.port import Recovery
from worker.systems.regix.echo import is_echo
from worker.systems.regix.errors import REFUSED_UNREAD, Kind, kind_of_error, kind_of_fault
from worker.systems.regix.ready import ready_text
from worker.systems.regix.report import report_data
from worker.systems.regix.request import CALL_ID, CODE
from worker.systems.regix.response import Fault, Result, Said, read_answer
from worker.systems.regix.signature import verdict_on
from worker.systems.stated import without_gaps

if TYPE_CHECKING:
    from datetime import datetime

    from lxml import etree

    from worker.systems.regix.catalogue import Entry
    from worker.systems.regix.response import Parts
    from worker.systems.regix.settings import RegisterError
    from worker.systems.regix.signature import SignatureRules
    from worker.transport.port import Answer


@immutable
class Rules:
    """The settings that change how an answer is read."""

    not_processed: frozenset[int]
    register_errors: tuple[RegisterError, ...]
    signatures: SignatureRules
    check_echo: bool = True


@immutable
class Asked:
    """The request that an answer must belong to. ``shown`` names our certificate in plain words.

    ``argument``: what was sent, None where it cannot be compared. ``exact``: whether its values can be.
    """

    entry: Entry
    shown: str
    argument: etree._Element | None = field(repr=False)
    exact: bool = True

    @property
    def holds(self) -> bool:
        """Whether a second request could have a second effect."""
        return self.entry.recovery is Recovery.HOLD


def interpret(asked: Asked, answer: Answer, rules: Rules, now: datetime) -> Outcome:
    """Read an answer to a request for a report. Never raises."""
    if outcome := by_status(asked.shown, answer, rules, now):
        return outcome
    said = read_answer(answer)
    if isinstance(said, Fault):
        return fault_outcome(asked, said, answer, now)
    if answer.status != HTTPStatus.OK:
        return _failed(answer, now)
    if not isinstance(said, Result) or said.of != "Execute":
        return _unread(asked, answer, said)
    return result_outcome(asked, said, answer, rules, now)


def by_status(shown: str, answer: Answer, rules: Rules, now: datetime) -> Outcome | None:
    """Return what the status alone decides, whatever the body says."""
    if retry := retry_if_turned_away(answer, rules.not_processed, now, system="RegiX", message="request"):
        return retry
    status = answer.status
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Blocked(Reason.ACCESS_DENIED, f"RegiX refused access ({status}): the certificate of {shown}")
    return None


def result_outcome(asked: Asked, result: Result, answer: Answer, rules: Rules, now: datetime) -> Outcome:
    """Return what a result means, whichever request it answers."""
    if result.has_error is not False or result.error is not None:
        return _error(asked, result, rules)
    if result.is_ready is False:
        return _taken(asked, result)
    parts = result.parts
    if result.is_ready is not True or parts is None or parts.response is None:
        return _unexpected(asked, "the answer states neither a report nor an error")
    if rules.check_echo and not _is_ours(asked, parts):
        return _unexpected(asked, "the answer repeats another argument than the one sent")
    return Accepted(
        without_gaps(serviceCallId=result.call_id)
        | {"operation": asked.entry.operation}
        | report_data(parts, parts.response, len(answer.body))
        | {
            "signature": verdict_on(parts, len(answer.body), rules.signatures, now),
            "bytes": len(answer.body),
            "sha256": hashlib.sha256(answer.body).hexdigest(),
        }
    )


def _is_ours(asked: Asked, parts: Parts) -> bool:
    if asked.argument is None or parts.request is None:
        return True
    return is_echo(asked.argument, parts.request, exact=asked.exact)


def _unexpected(asked: Asked, detail: str) -> Unknown | Blocked:
    """Return the outcome of an answer that states no end of this request.

    A read is not repeated for it: the next answer would most likely be the same, and RegiX logs each request as a legal
    act.
    """
    kind = Unknown if asked.holds else Blocked
    return kind(Reason.UNEXPECTED_MESSAGE, detail)


def _taken(asked: Asked, result: Result) -> Outcome:
    if result.call_id is None or result.code is None:
        return _unexpected(asked, "the answer is not ready, and has no number and code to ask for it")
    return Taken(
        {CALL_ID: result.call_id, CODE: result.code},
        reference=result.call_id,
        ready=ready_text(result.call_id, result.code),
    )


def _error(asked: Asked, result: Result, rules: Rules) -> Outcome:
    if result.has_error is None and result.error is None:
        return _unexpected(asked, "the answer does not state whether there was an error")
    errors = (StatedError(type="HasError", reason=result.error, id=result.call_id),)
    kind = kind_of_error(result.error, rules.register_errors, by_register=result.is_ready is True)
    if kind in _REFUSALS:
        return refusal(asked, kind, errors)
    if asked.holds and (kind is not Kind.REJECTED or result.is_ready is not True):
        # RegiX may state this of a register that had processed the request.
        detail = "RegiX states an error that does not show whether it was processed"
        return Unknown(Reason.REGISTER_UNAVAILABLE, detail)
    match kind:
        case Kind.RETRY:
            return Retry(Reason.REGISTER_UNAVAILABLE, "the primary register did not answer RegiX")
        case Kind.BLOCKED:
            detail = "the register refused it for a reason that only an operator can remove"
            return Blocked(
                Reason.ACCESS_DENIED, f"{detail}; the certificate is that of {asked.shown}", errors
            )
    return Rejected(errors)


_REFUSALS = frozenset({Kind.ACCESS_DENIED, Kind.DISABLED, Kind.NO_OPERATION, Kind.ARGUMENT})
"""What RegiX states before it asks a register."""


def refusal(asked: Asked, kind: Kind, errors: tuple[StatedError, ...]) -> Outcome:
    """Return the outcome of what RegiX refused before anything was processed."""
    name = asked.entry.name
    match kind:
        case Kind.ACCESS_DENIED:
            detail = f"RegiX gives no access to {name} with the certificate of {asked.shown}"
            return Blocked(Reason.ACCESS_DENIED, detail, errors)
        case Kind.DISABLED:
            return Blocked(Reason.NOT_FOUND, f"RegiX has switched the operation {name} off", errors)
        case Kind.NO_OPERATION:
            detail = f"RegiX knows no operation {asked.entry.operation}: see the setting operations"
            return Blocked(Reason.NOT_FOUND, detail, errors)
    return Rejected(errors)


def fault_outcome(asked: Asked, fault: Fault, answer: Answer, now: datetime) -> Outcome:
    """Return what a fault means."""
    errors = (StatedError(type="Fault", reason=next(iter(fault.sentences), None)),)
    kind = kind_of_fault(fault)
    if kind is Kind.UNFIT and not asked.holds:
        # Each repetition would be refused in the same way.
        return Rejected((StatedError(type=fault.exception),))
    if kind in _REFUSALS:
        return refusal(asked, kind, errors)
    if REFUSED_UNREAD & set(fault.codes):
        named = ", ".join(sorted(REFUSED_UNREAD & set(fault.codes)))
        return Blocked(Reason.CONFIGURATION, f"RegiX does not take the message: a fault with {named}", errors)
    if answer.status == HTTPStatus.OK:
        return Unknown(Reason.SERVER_ERROR, "RegiX answered with a fault and did not say what it processed")
    return _failed(answer, now, hold=asked.holds)


def _failed(answer: Answer, now: datetime, *, hold: bool = False) -> Outcome:
    """Return what a status other than success says, where the body says nothing."""
    if answer.status in _BLOCKED:
        reason, sentence = _BLOCKED[answer.status]
        return Blocked(reason, sentence)
    outcome = outcome_of_status(answer, now, system="RegiX", message="request")
    if hold and isinstance(outcome, Blocked):
        return Unknown(Reason.SERVER_ERROR, outcome.detail)
    return outcome


def _unread(asked: Asked, answer: Answer, said: Said | None) -> Outcome:
    """Return the outcome of a 200 that is no result: a read is not repeated for what the next answer would be too."""
    if said is not None:
        return _unexpected(asked, "the answer is that of another operation of the service")
    if answer.truncated and not asked.holds:
        return Blocked(
            Reason.UNREADABLE_ANSWER, "the answer was longer than the limit; the report may be narrowed"
        )
    how = "was longer than the limit" if answer.truncated else "is no readable message of RegiX"
    return Unknown(Reason.UNREADABLE_ANSWER, f"the answer {how} (status {answer.status})")


_BLOCKED: dict[int, tuple[Reason, str]] = {
    HTTPStatus.NOT_FOUND: (
        Reason.NOT_FOUND,
        "RegiX has no service at this address (404): see the setting url",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        Reason.REQUEST_TOO_LARGE,
        "RegiX does not accept a request of this size (413)",
    ),
}
