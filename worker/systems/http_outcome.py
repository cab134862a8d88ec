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
from worker.transport.retry_after import seconds_to_wait
from worker.transport.status_classes import CLIENT_ERROR, REDIRECTION, SERVER_ERROR

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

    from worker.transport.port import Answer


def retry_if_turned_away(
    answer: Answer, not_processed: Container[int], now: datetime, *, system: str, message: str = "message"
) -> Retry | None:
    """Return when to try again, where the status is one of those that say that nothing was processed."""
    status = answer.status
    if status not in not_processed:
        return None
    reason = Reason.TOO_MANY_REQUESTS if status == HTTPStatus.TOO_MANY_REQUESTS else Reason.UNAVAILABLE
    return Retry(
        reason, f"{system} turned the {message} away ({status})", seconds_to_wait(answer.headers, now)
    )


def outcome_of_status(status: int, *, system: str, message: str = "message") -> Blocked | Unknown:
    """Return what a status that is no success means by itself."""
    if status in SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Unknown(
            Reason.SERVER_ERROR, f"{system} failed ({status}) and did not say whether it processed it"
        )
    if status in REDIRECTION or status in CLIENT_ERROR:
        return Blocked(
            Reason.CONFIGURATION, f"{system} does not take the {message} at this address ({status})"
        )
    return Unknown(Reason.UNEXPECTED_MESSAGE, f"the status {status} is none that a service answers with")
