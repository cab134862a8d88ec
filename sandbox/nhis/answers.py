"""Building what NHIS answers: messages from nested tuples, and errors."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from sandbox.nhis.message import NAMESPACE, Element, Message
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sandbox.nhis.errors import StatedError, StatedWarning

XML = "application/xml"
NO_MESSAGE_ID = "00000000-0000-0000-0000-000000000000"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"

Node: TypeAlias = "tuple[str, str | Sequence[Node]] | Element"
"""A name with a value, a name with children, or an element to copy as it stands."""


def respond(
    message_type: str,
    contents: Sequence[Node],
    request: Message,
    now: datetime,
    *,
    status: int = 200,
    warnings: Iterable[StatedWarning] = (),
) -> Answer:
    """Return an answer whose header echoes the request's sender and messageId; warnings come last (SPEC X002)."""
    nodes: list[Node] = [("header", _header(message_type, request, now)), ("contents", contents)]
    nodes += [("warnings", _warning(one)) for one in warnings]
    return Answer(status, document(message_type, nodes), XML, kind=message_type)


def refuse(errors: Iterable[StatedError], request: Message, now: datetime, *, status: int = 400) -> Answer:
    """Return an I099 with every error."""
    return respond("I099", [("error", _error(error)) for error in errors], request, now, status=status)


def document(message_type: str, nodes: Sequence[Node], *, version: str = "1.0") -> bytes:
    """Return a whole message as UTF-8, under the XML version that its declaration shall state."""
    root = etree.Element(f"{{{NAMESPACE}}}message", nsmap={"nhis": NAMESPACE, "xsi": _XSI})
    root.set(f"{{{_XSI}}}schemaLocation", f"{NAMESPACE} {NAMESPACE}/api/v1/NHIS-{message_type}.xsd")
    _append(root, nodes)
    declaration = f'<?xml version="{version}" encoding="UTF-8"?>\n'.encode()
    return declaration + etree.tostring(root, encoding="utf-8", xml_declaration=False)


def unknown_request() -> Message:
    """Stand in for a request that could not be read, so that an I099 can still be addressed."""
    return Message(etree.Element(f"{{{NAMESPACE}}}message"))


def _header(message_type: str, request: Message, now: datetime) -> list[Node]:
    return [
        ("sender", "4"),
        ("senderId", "NHIS"),
        ("recipient", request.header("sender") or "1"),
        ("recipientId", request.header("senderId") or "0000000000"),
        ("messageId", request.id or NO_MESSAGE_ID),
        ("messageType", message_type),
        ("createdOn", now.isoformat(timespec="milliseconds").replace("+00:00", "Z")),
    ]


def _error(error: StatedError) -> list[Node]:
    nodes: list[Node] = [("type", error.type), ("reason", error.reason)]
    if error.description:
        nodes.append(("description", error.description))
    if error.faulty_attribute:
        nodes.append(("faultyAttribute", error.faulty_attribute))
    return nodes


def _warning(warning: StatedWarning) -> list[Node]:
    nodes: list[Node] = [("code", warning.code), ("description", warning.description)]
    nodes.append(("source", warning.source))
    return [*nodes, ("nrnTarget", warning.nrn)] if warning.nrn else nodes


def _append(parent: Element, nodes: Sequence[Node]) -> None:
    for node in nodes:
        if isinstance(node, Element):
            child = copy.deepcopy(node)
            child.tail = None
            parent.append(child)
            continue
        name, content = node
        child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        if isinstance(content, str):
            child.set("value", content)
        else:
            _append(child, content)
