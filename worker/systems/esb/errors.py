"""The ESB's own error: what a connector states where it could not process a request. Pure.

Source: a public client of the connectors (confirmed: the type `ProcessingException`, `failureOrigin` as OAUTH,
INTEGRATION, EDELIVERY, EPAYMENT or REGIX, `cause` as a list of `code` and `message`, `retryAfter` as a whole number).
Inferred: `retryAfter` is in seconds. With which statuses it comes is unknown.
"""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from contracts.strict_json import NotJson
from worker.outcome import Retry, StatedError
from worker.systems.http_outcome import retry_if_turned_away
from worker.systems.json_answer import parse
from worker.text_encoding import text_of

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from datetime import datetime

    from worker.transport.port import Answer

_MOST_CAUSES = 100
_LONGEST_ORIGIN = 100
_LONGEST_TEXT = 2000
_LONGEST_WAIT = 24 * 3600


@immutable
class EsbError:
    """``origin``: which part failed (`EPAYMENT`). ``retry_after``: seconds, None where it states none."""

    origin: str
    errors: tuple[StatedError, ...] = field(repr=False)
    retry_after: float | None = None


def read_error(answer: Answer) -> EsbError | None:
    """Read the ESB's error; None where the answer is anything else: then it states nothing, and is Unknown. Total."""
    if answer.truncated:
        return None
    text = text_of(answer.body, answer.charset)
    try:
        found = None if text is None else parse(text)
    except NotJson:
        return None
    match found:
        case {"failureOrigin": str(origin), "cause": list(causes), **rest} if (
            0 < len(origin) <= _LONGEST_ORIGIN
        ):
            read = [_error(one) if isinstance(one, dict) else None for one in causes[:_MOST_CAUSES]]
            errors = tuple(one for one in read if one is not None)
            whole = len(errors) == len(read)
            return EsbError(origin, errors, _seconds(rest.get("retryAfter"))) if whole else None
    return None


def retry_if_esb_turned_away(
    answer: Answer, not_processed: Container[int], now: datetime, *, system: str, message: str = "message"
) -> Retry | None:
    """Return when to try again, where the status says that nothing was processed; None for another status.

    The wait is the one of the header Retry-After; without it, the one that the ESB's own error states.
    """
    retry = retry_if_turned_away(answer, not_processed, now, system=system, message=message)
    if retry is None or retry.delay is not None:
        return retry
    error = read_error(answer)
    return retry if error is None else replace(retry, delay=error.retry_after)


def _error(cause: Mapping[str, object]) -> StatedError | None:
    """Read one cause; None where it states nothing."""
    code, message = (_word(cause, name) for name in ("code", "message"))
    return None if code is None and message is None else StatedError(type=code, reason=message)


def _word(cause: Mapping[str, object], name: str) -> str | None:
    found = cause.get(name)
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    return found[:_LONGEST_TEXT] if isinstance(found, str) and found.strip() else None


def _seconds(stated: object) -> float | None:
    """Return the wait in seconds; None for 0 and for what is no whole number of a day at most."""
    if isinstance(stated, bool) or not isinstance(stated, int):
        return None
    return float(stated) if 0 < stated <= _LONGEST_WAIT else None
