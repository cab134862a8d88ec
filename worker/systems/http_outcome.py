"""What the status of an answer says where the system itself has stated nothing. Pure.

Inferred, and the same for every system: RFC 9110 says what a status means, and gateways say it for a system that
never saw the message. ``who`` and ``what`` are words of the sentence: the system, and what was sent to it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from contracts.reasons import Reason
from worker.outcome import Blocked, Retry, Unknown
from worker.transport.retry_after import seconds_to_wait
from worker.transport.statuses import CLIENT_ERROR, REDIRECTION, SERVER_ERROR

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

    from worker.transport.port import Answer


def turned_away(
    answer: Answer, not_processed: Container[int], now: datetime, *, who: str, what: str = "message"
) -> Retry | None:
    """Return when to try again, where the status is one of those that say that nothing was processed."""
    status = answer.status
    if status not in not_processed:
        return None
    reason = Reason.TOO_MANY_REQUESTS if status == HTTPStatus.TOO_MANY_REQUESTS else Reason.UNAVAILABLE
    return Retry(reason, f"{who} turned the {what} away ({status})", seconds_to_wait(answer.headers, now))


def nothing_stated(status: int, *, who: str, what: str = "message") -> Blocked | Unknown:
    """Return what a status that is no success means by itself."""
    if status in SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Unknown(
            Reason.SERVER_ERROR, f"{who} failed ({status}) and did not say whether it processed it"
        )
    if status in REDIRECTION or status in CLIENT_ERROR:
        return Blocked(Reason.CONFIGURATION, f"{who} does not take the {what} at this address ({status})")
    return Unknown(Reason.UNEXPECTED_MESSAGE, f"the status {status} is none that a service answers with")
