"""An answer of SyncChannel taken apart: a response, or a fault. Total: what cannot be read is None."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

from worker.signing.wsse.names import BODY, ENVELOPE
from worker.systems.kz_shep.faults import Fault, fault_of
from worker.xml import safe
from worker.xml.node import Node

if TYPE_CHECKING:
    from lxml import etree

MAX_BYTES = 8 * 1024 * 1024
"""What the check of signatures reads at most, too."""
MAX_DEPTH = 200
"""Errors may hold errors; below the 255 at which libxml2 itself stops."""


_LONGEST_TEXT = 4000
"""Characters that are kept of a code or sentence; the evidence has the whole."""


@dataclass(frozen=True, slots=True)
class Status:
    """What an answer states of itself."""

    code: str
    message: str | None


@dataclass(frozen=True, slots=True)
class Response:
    """What the receiver answered. Its message id is its own and no echo of ours."""

    message_id: str | None
    correlation_id: str | None
    """An echo of ours, where a gateway makes one."""
    sent_at: datetime | None
    session_id: str | None
    status: Status | None
    data: Node | None


Said: TypeAlias = Response | Fault


def read_answer(body: bytes) -> Said | None:
    """Return what a SOAP 1.1 message says; None where it is none, or holds anything but one response or fault."""
    content = _content(body)
    if content is None:
        return None
    if content.name == "Fault":
        return fault_of(content)
    response = content.only("response") if content.name == "SendMessageResponse" else None
    return None if response is None else _response(response)


def status_of(node: Node | None) -> Status | None:
    """Read an element with `code` and `message`; None where it has no code."""
    code = node.text("code") if node else None
    if node is None or code is None:
        return None
    message = node.text("message")
    return Status(code[:_LONGEST_TEXT], message[:_LONGEST_TEXT] if message else None)


def _content(body: bytes) -> Node | None:
    try:
        envelope = safe.parse(body, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    except safe.RefusedXml:
        return None
    bodies = envelope.findall(BODY)
    if envelope.tag != ENVELOPE or len(bodies) != 1:
        return None
    elements: list[etree._Element] = list(bodies[0].iterchildren("*"))
    return Node(elements[0]) if len(elements) == 1 else None


def _time(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _response(response: Node) -> Response:
    return Response(
        message_id=response.text("responseInfo", "messageId"),
        correlation_id=response.text("responseInfo", "correlationId"),
        sent_at=_time(response.text("responseInfo", "responseDate")),
        session_id=response.text("responseInfo", "sessionId"),
        status=status_of(response.only("responseInfo", "status")),
        data=response.only("responseData", "data"),
    )
