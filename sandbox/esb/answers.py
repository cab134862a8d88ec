"""The bodies of answers: JSON, and the ESB's own refusals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.pages import page
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

JSON = "application/json"
_PLAIN = "text/plain"


class Refused(Exception):
    """The ESB refuses a request. The codes are invented; the members are those of a client's ProcessingException."""

    def __init__(self, status: int, origin: str, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.origin = origin
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Form:
    """How a refusal is written: `dto`, `html` or `plain`; ``retry_after`` is stated with 429 and 503."""

    name: str = "dto"
    retry_after: int | None = None


_LATER = frozenset({429, 503})


def json_answer(content: Any, *, status: int = 200, kind: str | None = None) -> Answer:
    """Return this content as JSON."""
    return Answer(
        status,
        json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"),
        JSON,
        kind=kind or str(status),
    )


def refusal(refused: Refused, form: Form) -> Answer:
    """Return what the ESB says when it refuses."""
    if form.name == "html":
        return page(refused.status, refused.code)
    if form.name == "plain":
        return Answer(refused.status, f"{refused.code}\n".encode(), _PLAIN, kind=str(refused.status))
    later = form.retry_after if refused.status in _LATER else None
    content: Mapping[str, Any] = {
        "failureOrigin": refused.origin,
        "cause": [{"code": refused.code, "message": refused.message}],
        "retryAfter": later,
    }
    return json_answer(content, status=refused.status, kind=refused.code)
