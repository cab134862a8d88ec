"""What an answer of the connector means: a pure and total function of status, headers and body.

Confirmed by a public client: the answers of success, and the ESB's own error. With which statuses that error comes,
and what a gateway answers otherwise, is unknown: what is read here is inferred, and what states nothing is Unknown.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.outcome import AlreadyExists, Blocked, Outcome, Retry, StatedError, Unknown
from worker.systems.epayment.interpret import TITLE, all_say, read_success, refused
from worker.systems.esb.errors import read_error, retry_if_esb_turned_away
from worker.systems.http_outcome import outcome_of_status
from worker.transport.status_classes import SUCCESSFUL

if TYPE_CHECKING:
    from datetime import datetime

    from worker.systems.epayment.interpret import Expected, Rules
    from worker.systems.esb.errors import EsbError
    from worker.transport.port import Answer

_OAUTH = "OAUTH"


def interpret(
    expected: Expected, answer: Answer, rules: Rules, now: datetime, refusals: frozenset[int]
) -> Outcome:
    """Read an answer. Never raises. ``refusals``: the statuses with which the ESB's error is a refusal."""
    status, error = answer.status, read_error(answer)
    if status == HTTPStatus.UNAUTHORIZED:
        return Retry(Reason.TOKEN_REFUSED, "the ESB refused the token (401)", delay=0, reauthorize=True)
    if status in SUCCESSFUL:
        # An error with a status of success states no success.
        return _unknown(error, status) if error is not None else read_success(expected, answer, rules)
    if status == HTTPStatus.FORBIDDEN:
        return _forbidden(expected, error)
    if error is not None and status not in rules.not_processed:
        return _by_error(error, status, rules, refusals)
    retry = retry_if_esb_turned_away(answer, rules.not_processed, now, system=TITLE)
    return retry or _by_status(answer, now)


def _by_status(answer: Answer, now: datetime) -> Outcome:
    if answer.status == HTTPStatus.NOT_FOUND:
        detail = f"{TITLE} has no connector at this address (404): see esb.gateway_url and connector.path"
        return Blocked(Reason.NOT_FOUND, detail)
    return outcome_of_status(answer, now, system=TITLE)


def _by_error(error: EsbError, status: int, rules: Rules, refusals: frozenset[int]) -> Outcome:
    """Return what the ESB's error means: one that asks to wait, and a failure, say nothing of what was processed."""
    if error.retry_after is not None or status not in refusals or error.origin.upper() == _OAUTH:
        return _unknown(error, status)
    if all_say(error.errors, rules.already_exists):
        return AlreadyExists(error.errors)
    return refused(error.errors or (StatedError(type=error.origin),), rules)


def _forbidden(expected: Expected, error: EsbError | None) -> Blocked:
    detail = (
        f"the ESB does not let {expected.client} use {TITLE} (403): its certificate, its scope or its Service-Cid is "
        "not registered for this"
    )
    return Blocked(Reason.ACCESS_DENIED, detail, () if error is None else error.errors)


def _unknown(error: EsbError, status: int) -> Unknown:
    detail = f"the ESB states a failure ({status}), and not whether {TITLE} processed the message"
    return Unknown(Reason.SERVER_ERROR, detail, error.retry_after)
