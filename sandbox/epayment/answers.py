"""The bodies of answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.epayment.values import written
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from sandbox.epayment.settings import Settings

JSON = "application/json"
UNAUTHORIZED = "Authorization has been denied for this request."
SERVER_ERROR = "An error has occurred."
OTHER_ID = "0001019"
"""The identifier in an answer that belongs to another request; no sandbox gives it."""
_OK, _BAD_REQUEST = 200, 400


def answered(settings: Settings, kind: str, content: Any) -> Answer:
    """Return 200 with this content."""
    return Answer(_OK, written(content).encode(), settings.content_type, kind=kind)


def failed(settings: Settings, status: int, message: str) -> Answer:
    """Return an error of this status with its text."""
    body = written({settings.message_key: message})
    kind = "bad-request" if status == _BAD_REQUEST else str(status)
    return Answer(status, body.encode(), settings.content_type, kind=kind)


def altered(body: bytes) -> bytes:
    """Return a body with every identifier in it replaced."""
    try:
        content = json.loads(body)
    except ValueError:
        return body
    return json.dumps(_with_other_ids(content), ensure_ascii=False).encode()


def _with_other_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_other_ids(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: OTHER_ID if name == "id" and isinstance(item, str) else _with_other_ids(item)
        for name, item in value.items()
    }
