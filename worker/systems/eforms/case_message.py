"""The platform's hook for cases: what is sent to it, and what its answers mean. Pure, and total on any answer.

Source: the public platform (confirmed: `POST /api/admin/cases/{businessKey}/messages` with JSON, the header
`Dp-Miscinfo`, and the answer `message` and `status`). Inferred: that `status` is the name of an HTTP status, as its
framework writes it. How the hook is reached in production, and who gives out tokens, is not public.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from contracts.reasons import Reason
from contracts.strict_json import NotJson
from worker.outcome import Accepted, Blocked, Outcome, Rejected, StatedError, Unknown
from worker.systems.http_outcome import not_processed_by, outcome_of_status, retry_if_turned_away
from worker.systems.json_answer import parse
from worker.systems.port import Recovery
from worker.text_encoding import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from contracts.eforms.requests import SendCaseMessage
    from worker.transport.port import Answer

TITLE = "the hook of eForms"
HEADERS: Mapping[str, str] = {"accept": "application/json", "content-type": "application/json"}
_DONE = HTTPStatus.OK.name
_LONGEST = 2000
_DENIED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def url_of(base: str, data: SendCaseMessage) -> str:
    """Return the address of a case's messages; the contract lets no character into the key that has a meaning there."""
    return f"{base.rstrip('/')}/api/admin/cases/{data.business_key}/messages"


def body_of(data: SendCaseMessage) -> bytes:
    """Return the message as JSON; what the event gives by name is in it as it is."""
    given = data.model_dump(
        mode="json", by_alias=True, exclude={"business_key", "process_variables"}, exclude_none=True
    )
    document = {**given, "processVariables": data.process_variables}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def interpret(answer: Answer, not_processed: frozenset[int], now: datetime) -> Outcome:
    """Read the answer. Accepted only where it states success."""
    passed_over = not_processed_by(Recovery.HOLD, not_processed, None)
    if retry := retry_if_turned_away(answer, passed_over, now, system=TITLE):
        return retry
    match _document(answer):
        case {"status": str(status), **said}:
            return _stated(status.strip().upper(), said.get("message"), answer)
    if answer.status in _DENIED:
        detail = f"{TITLE} refused the token or the administration ({answer.status})"
        return Blocked(Reason.ACCESS_DENIED, detail)
    if answer.status == HTTPStatus.BAD_REQUEST:
        return Blocked(
            Reason.UNREADABLE_ANSWER, f"{TITLE} refused the message (400), but its reason is unreadable"
        )
    if answer.status == HTTPStatus.OK:
        return Unknown(Reason.UNEXPECTED_MESSAGE, "the answer states neither success nor refusal")
    return outcome_of_status(answer, now, system=TITLE)


def _stated(status: str, message: Any, answer: Answer) -> Outcome:
    """Return what the platform itself states: its own status, whatever that of HTTP is."""
    sentence = message[:_LONGEST] if isinstance(message, str) and message.strip() else None
    if status == _DONE and answer.status == HTTPStatus.OK:
        return Accepted({} if sentence is None else {"stated": sentence})
    errors = (StatedError(type=status, reason=sentence),)
    if status == HTTPStatus.BAD_REQUEST.name and answer.status in {HTTPStatus.OK, HTTPStatus.BAD_REQUEST}:
        return Rejected(errors)
    if status == HTTPStatus.UNAUTHORIZED.name and answer.status in {HTTPStatus.OK, *_DENIED}:
        detail = f"{TITLE} does not let this administration reach the case ({answer.status})"
        return Blocked(Reason.ACCESS_DENIED, detail, errors)
    return Unknown(Reason.UNEXPECTED_MESSAGE, "the answer states a status that is no success and no refusal")


def _document(answer: Answer) -> object:
    """Return the JSON of an answer that is whole; None for anything else."""
    if answer.truncated or answer.status == HTTPStatus.PARTIAL_CONTENT:
        return None
    text = text_of(answer.body, answer.charset)
    try:
        return None if text is None else parse(text)
    except (NotJson, RecursionError):
        return None
