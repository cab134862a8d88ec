"""What the status of an answer says where the system itself has stated nothing. Pure.

Inferred, and the same for every system: RFC 9110 says what a status means, and gateways say it for a system that
never saw the message. ``system`` and ``message`` are words of the sentence: what the system and what was sent to it
are called.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.outcome import Blocked, Retry, Unknown
from worker.systems.port import Recovery
from worker.transport.retry_after import seconds_to_wait
from worker.transport.status_classes import CLIENT_ERROR, REDIRECTION, SERVER_ERROR

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

    from worker.transport.port import Answer

TURNED_AWAY = frozenset({HTTPStatus.TOO_MANY_REQUESTS.value})
"""Inferred: what every gateway means by 429. No 5xx is among them: a gateway may answer 503 when it loses the answer
of a service that has processed the message."""
_UNDECIDED = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.SEE_OTHER})
"""408 and 425 refuse to wait for a message, or to process it yet; 303 leads to what processing it has made."""


def not_processed_by(
    recovery: Recovery, general: frozenset[int], stated: frozenset[int] | None
) -> frozenset[int]:
    """Return the statuses that say that a message of one operation was not processed.

    ``general`` holds for every operation that may be sent again; under `hold`, where a second sending may have a second
    effect, only 429 of it counts. ``stated`` is what the operator says of this very operation, or None.
    """
    if stated is not None:
        return stated
    return general & TURNED_AWAY if recovery is Recovery.HOLD else general


def retry_if_turned_away(
    answer: Answer, not_processed: Container[int], now: datetime, *, system: str, message: str = "message"
) -> Retry | None:
    """Return when to try again, where the status is one of those that say that nothing was processed."""
    status = answer.status
    if status not in not_processed:
        return None
    reason = Reason.TOO_MANY_REQUESTS if status == HTTPStatus.TOO_MANY_REQUESTS else Reason.UNAVAILABLE
    return Retry(
        reason,
        f"{system} did not accept the {message} (status {status})",
        seconds_to_wait(answer.headers, now),
    )


def outcome_of_status(
    answer: Answer, now: datetime, *, system: str, message: str = "message"
) -> Blocked | Unknown:
    """Return the outcome that a status other than success states."""
    status = answer.status
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _unknown(answer, now, Reason.TOO_MANY_REQUESTS, f"{system} asks for fewer requests ({status})")
    if status in SERVER_ERROR or status in _UNDECIDED:
        reason = Reason.UNAVAILABLE if status == HTTPStatus.SERVICE_UNAVAILABLE else Reason.SERVER_ERROR
        return _unknown(
            answer, now, reason, f"{system} failed ({status}) and did not say whether it processed it"
        )
    if status in REDIRECTION or status in CLIENT_ERROR:
        return Blocked(
            Reason.CONFIGURATION, f"{system} does not accept the {message} at this address ({status})"
        )
    return Unknown(Reason.UNEXPECTED_MESSAGE, f"the status {status} is not an answer of a service")


def _unknown(answer: Answer, now: datetime, reason: Reason, detail: str) -> Unknown:
    return Unknown(reason, detail, seconds_to_wait(answer.headers, now))
