"""The answers of eDelivery's API: JSON, and errors as ASP.NET states them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

JSON, PROBLEM, _TEXT = "application/json", "application/problem+json", "text/plain"
_SECTION = {400: "6.5.1", 403: "6.5.3", 404: "6.5.4", 500: "6.6.1"}
_TITLE = {400: "Bad Request", 404: "Not Found", 500: "An error occurred while processing your request."}
_TRACE = "00-00000000000000000000000000000000-0000000000000000-00"


class Refused(Exception):
    """The API answers with a status alone (401, 403, 404, 500), or 400 with errors by field."""

    def __init__(self, status: int, errors: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.errors = errors


def invalid(field: str, message: str) -> Refused:
    """Return the refusal of one field."""
    return Refused(400, {field: [message]})


def answered(content: Any, kind: str = "answered") -> Answer:
    """Return 200 with this content."""
    return Answer(200, json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"), JSON, kind=kind)


def bare(status: int, text: str) -> Answer:
    """Return a JSON text, as the service of files states its refusals."""
    return Answer(
        status, json.dumps(text, ensure_ascii=False).encode("utf-8", "replace"), JSON, kind=str(status)
    )


def plain(status: int, text: str) -> Answer:
    """Return a line of plain text."""
    return Answer(status, text.encode(), _TEXT, kind=str(status))


def refusal(refused: Refused) -> Answer:
    """Return an error: 401 and 403 are empty, all others RFC 7807."""
    status = refused.status
    if status in {401, 403}:
        return Answer(status, b"", _TEXT, kind=str(status))
    content: dict[str, Any] = {
        "type": f"https://tools.ietf.org/html/rfc7231#section-{_SECTION.get(status, '6.6.1')}",
        "title": _TITLE.get(status, _TITLE[500]),
        "status": status,
        "traceId": _TRACE,
    }
    if refused.errors is not None:
        errors = {name: list(texts) for name, texts in refused.errors.items()}
        content |= {"title": "One or more validation errors occurred.", "errors": errors}
    return Answer(status, json.dumps(content).encode(), PROBLEM, kind=str(status))
