"""What an answer of SHEP means: a pure and total function of status, headers and body.

Only what is signed is accepted or rejected. An unsigned fault is believed as far as believing it does no harm: it
blocks a message or leaves its outcome unknown, and is never a refusal. See docs/systems/kz-shep.md.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.outcome import Accepted, Blocked, Outcome, Rejected, Retry, StatedError, Unknown
from worker.systems.answer_settings import blocked_by
from worker.systems.http_outcome import outcome_of_status, retry_if_turned_away
from worker.systems.kz_shep.response import (
    Fault,
    FaultClass,
    Response,
    Status,
    classify,
    document_of,
    read_answer,
)
from worker.systems.port import Recovery
from worker.transport.retry_after import seconds_to_wait
from worker.transport.status_classes import CLIENT_ERROR
from worker.xml.node import UnexpectedContent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pydantic import BaseModel

    from worker.systems.answer_settings import OperatorError
    from worker.systems.kz_shep.service import Service
    from worker.systems.kz_shep.settings import FaultCodes, StatusCodes
    from worker.transport.port import Answer


@immutable
class Rules:
    """The settings that change how an answer is read. ``distrust`` says why its bytes are not SHEP's own, or None."""

    status_codes: StatusCodes
    fault_codes: FaultCodes
    not_processed: frozenset[int]
    answer_age: timedelta
    distrust: Callable[[bytes], str | None]
    operator_errors: tuple[OperatorError, ...] = ()


_AHEAD = timedelta(days=1)
"""How far the receiver's clock may be ahead of ours."""


@immutable
class Asked:
    """The request that an answer must belong to. ``correlation_id``: the one that was sent, or None."""

    data: BaseModel
    correlation_id: str | None


def interpret(service: Service, asked: Asked, answer: Answer, rules: Rules, now: datetime) -> Outcome:
    """Read an answer. Never raises."""
    outcome = _by_status(answer, rules, now) or _by_content(service, asked, answer, rules, now)
    if service.recovery is not Recovery.HOLD or not isinstance(outcome, Retry | Blocked):
        return outcome
    if (
        isinstance(outcome, Blocked) and outcome.errors
    ):  # stated in a signed answer that belongs to this message
        return outcome
    # Anybody on the network path can send such an answer, or replay SHEP's answer to another message. Where a second
    # sending would have a second effect, only a signed fault that names this message shows that nothing was done.
    if _names_it(answer, asked) and rules.distrust(document_of(answer)) is None:
        return outcome
    delay = outcome.delay if isinstance(outcome, Retry) else None
    return Unknown(outcome.reason, f"{outcome.detail}; not signed by SHEP for this message", delay)


def _names_it(answer: Answer, asked: Asked) -> bool:
    said = read_answer(answer)
    return (
        isinstance(said, Fault)
        and said.correlation_id is not None
        and said.correlation_id == asked.correlation_id
    )


def _by_status(answer: Answer, rules: Rules, now: datetime) -> Outcome | None:
    """Return what the status alone decides, whatever the body says."""
    if retry := retry_if_turned_away(answer, rules.not_processed, now, system="SHEP"):
        return retry
    status = answer.status
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Blocked(Reason.ACCESS_DENIED, f"SHEP refused access ({status})")
    return None


def _by_content(service: Service, asked: Asked, answer: Answer, rules: Rules, now: datetime) -> Outcome:
    said = read_answer(answer)
    if isinstance(said, Fault):
        return _fault(said, answer, rules, now)
    if answer.status != HTTPStatus.OK:
        return _failed(answer, now)
    if said is None:
        how = "was longer than the limit" if answer.truncated else "is not a readable SyncChannel message"
        return Unknown(Reason.UNREADABLE_ANSWER, f"the answer {how} (status {answer.status})")
    if problem := rules.distrust(document_of(answer)):
        return Unknown(Reason.UNREADABLE_ANSWER, f"the answer is not trusted: {problem.rstrip('.')}")
    if problem := _not_to_this(said, asked, rules, now):
        return Unknown(Reason.UNEXPECTED_MESSAGE, problem)
    return _response(service, asked.data, said, rules)


def _not_to_this(response: Response, asked: Asked, rules: Rules, now: datetime) -> str | None:
    """Return why a signed answer of SHEP does not belong to this message; None where nothing shows that."""
    if asked.correlation_id and response.correlation_id not in {None, asked.correlation_id}:
        return "the answer has another correlationId: it belongs to another message"
    if response.sent_at is None:
        return "the answer has no readable responseDate"
    if not now - rules.answer_age <= response.sent_at <= now + _AHEAD:
        return "the answer's responseDate is too old, or ahead of this machine's clock: see the setting answer_age"
    return None


def _fault(fault: Fault, answer: Answer, rules: Rules, now: datetime) -> Outcome:
    status = answer.status
    named = f"the codes {', '.join(fault.codes)}" if fault.codes else "no code"
    match classify(fault, rules.fault_codes):
        case FaultClass.OPERATOR:
            return Blocked(
                Reason.ACCESS_DENIED, f"SHEP does not serve this sender or service: a fault with {named}"
            )
        case FaultClass.PERMANENT:
            return Blocked(Reason.CONFIGURATION, f"SHEP refuses the message: a fault with {named}")
        case FaultClass.UNCLEAR if status in CLIENT_ERROR and status != HTTPStatus.REQUEST_TIMEOUT:
            return Blocked(Reason.CONFIGURATION, f"SHEP refuses the message ({status}): a fault with {named}")
    detail = f"SHEP failed ({status}) and did not state whether it processed it: a fault with {named}"
    return Unknown(Reason.SERVER_ERROR, detail, seconds_to_wait(answer.headers, now))


def _failed(answer: Answer, now: datetime) -> Outcome:
    status = answer.status
    if status == HTTPStatus.NOT_FOUND:
        return Blocked(Reason.NOT_FOUND, "SHEP has nothing at this address (404): see the setting url")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Blocked(Reason.REQUEST_TOO_LARGE, "SHEP does not accept a message of this size (413)")
    return outcome_of_status(answer, now, system="SHEP")


def _response(service: Service, data: BaseModel, response: Response, rules: Rules) -> Outcome:
    codes = rules.status_codes
    inner = service.status(response.data) if response.data else None
    stated = [status for status in (response.status, inner) if status is not None]
    other = [status for status in stated if not _among(status, codes.success)]
    if other:
        return _not_success(service, response, other, rules)
    if response.status is None or response.data is None or inner is None:
        return Unknown(
            Reason.UNEXPECTED_MESSAGE, "the answer lacks its status, its data or the status in its data"
        )
    return _accepted(partial(service.read, response.data, response, data))


def _accepted(read: Callable[[], Mapping[str, Any]]) -> Outcome:
    try:
        return Accepted(read())
    except UnexpectedContent:
        return Unknown(Reason.UNEXPECTED_MESSAGE, "the data of the answer does not fit the request")


def _not_success(service: Service, response: Response, stated: list[Status], rules: Rules) -> Outcome:
    codes = rules.status_codes
    if all(_among(status, codes.nothing_found) for status in stated):
        return _accepted(partial(service.nothing, response, stated[-1]))
    if any(_among(status, codes.unclear) for status in stated):
        return Unknown(Reason.UNEXPECTED_MESSAGE, "the answer has a status with an unknown meaning")
    refused = (status for status in stated if not _among(status, codes.nothing_found))
    errors = tuple(StatedError(type=status.code, reason=status.message) for status in refused)
    return blocked_by(errors, rules.operator_errors, system="the service behind SHEP") or Rejected(errors)


def _among(status: Status, codes: frozenset[str]) -> bool:
    return status.code.casefold() in {code.casefold() for code in codes}
