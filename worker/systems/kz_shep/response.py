"""An answer of SyncChannel taken apart: a response, or a fault. Total: what cannot be read is None.

Faults are typed ones with their chain of errors, or bare ones with a sentence alone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from itertools import chain, islice
from typing import TYPE_CHECKING, TypeAlias

from contracts.immutable import immutable
from worker.signing.wsse.names import soap_of
from worker.systems.kz_shep.settings import MAX_BYTES
from worker.systems.stated import says
from worker.xml import safe
from worker.xml.answer import as_utf_8, parse_answer
from worker.xml.node import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from worker.systems.kz_shep.settings import FaultCodes
    from worker.transport.port import Answer

MAX_DEPTH = 200
"""Errors may hold errors; below the 255 at which libxml2 itself stops."""
MOST_ERRORS = 20
"""Errors of a chain that are looked at, the outermost first."""
MOST_ELEMENTS = 1000
"""Elements of a detail among which the error is looked for."""
_CODE = re.compile(r"[A-Za-z0-9._-]{1,40}")
_LONGEST_TEXT = 4000
"""Characters that are kept of a code or sentence; the evidence has all of it."""


@immutable
class Status:
    """What an answer states of itself."""

    code: str
    message: str | None


@immutable
class Response:
    """What the receiver answered. Its message id is its own and no echo of ours."""

    message_id: str | None
    correlation_id: str | None
    """An echo of ours, where a gateway makes one."""
    sent_at: datetime | None
    session_id: str | None
    status: Status | None
    data: Node | None


@immutable
class Fault:
    """``codes``: the error's own and those of the errors inside it, outermost first; none in a bare fault.

    Texts are not kept here: they may concern a patient. The evidence has them.
    """

    codes: tuple[str, ...]
    sentence: str
    correlation_id: str | None
    """Its type has none; a gateway may add it."""


class FaultClass(StrEnum):
    """What a fault means."""

    OPERATOR = "operator"
    PERMANENT = "permanent"
    TRANSIENT = "transient"
    UNCLEAR = "unclear"


Said: TypeAlias = Response | Fault


def read_answer(answer: Answer) -> Said | None:
    """Return what a SOAP message says; None where it is none, or holds anything but one response or fault."""
    content = None if answer.truncated else _content(answer)
    if content is None:
        return None
    if content.name == "Fault":
        return fault_of(content)
    response = content.only("response") if content.name == "SendMessageResponse" else None
    return None if response is None else _response(response)


def document_of(answer: Answer) -> bytes:
    """Return the very document that `read_answer` reads, for those who verify it; the body where there is none."""
    try:
        return as_utf_8(answer.body, answer.charset)
    except safe.RefusedXml:
        return answer.body


def status_of(node: Node | None) -> Status | None:
    """Read an element with `code` and `message`; None where it has no code."""
    code = node.text("code") if node else None
    if node is None or code is None:
        return None
    message = node.text("message")
    return Status(code[:_LONGEST_TEXT], message[:_LONGEST_TEXT] if message else None)


def _content(answer: Answer) -> Node | None:
    try:
        envelope = parse_answer(answer.body, answer.charset, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    except safe.RefusedXml:
        return None
    soap = soap_of(envelope.tag)
    bodies = [] if soap is None else envelope.findall(soap.body)
    if len(bodies) != 1:
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


def fault_of(node: Node) -> Fault:
    """Read a fault, whatever it holds."""
    error = _error(node)
    correlation_id = error.text("correlationId") if error else None
    return Fault(tuple(_codes(error)), _sentence(node), correlation_id)


def _sentence(fault: Node) -> str:
    """Return what a fault says in words: SOAP 1.1 has a faultstring, 1.2 a Reason."""
    reason = fault.only("Reason")
    translated = reason.child("Text") if reason else None
    return fault.text("faultstring") or (translated.text() if translated else None) or ""


def classify(fault: Fault, known: FaultCodes) -> FaultClass:
    """Return what the fault means. In a chain, an error that needs an operator outranks a temporary one."""
    for kind, codes in (
        (FaultClass.OPERATOR, known.operator),
        (FaultClass.PERMANENT, known.permanent),
        (FaultClass.TRANSIENT, known.transient),
    ):
        if codes & set(fault.codes):
            return kind
    if not fault.codes and says(fault.sentence, known.refusals):
        return FaultClass.PERMANENT
    return FaultClass.UNCLEAR


def _error(fault: Node) -> Node | None:
    # The error is found by what it holds and not by its name or place: both differ between gateways.
    details = fault.only("detail") or fault.only("Detail")
    inside = islice(chain([details], details.descendants()), MOST_ELEMENTS) if details else ()
    return next((one for one in inside if next(one.children("errorCode"), None)), None)


def _codes(error: Node | None) -> Iterator[str]:
    for _ in range(MOST_ERRORS):
        if error is None:
            return
        code = error.text("errorCode")
        if code is not None:
            yield code if _CODE.fullmatch(code) else "?"
        error = next(error.children("subError"), None)
