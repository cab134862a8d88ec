"""From the elements of a request to what it states. Total: what is absent, misshapen or twice there is no error here.

Elements are read by name, whatever their order. Of an element that may stand once, the first counts.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Any

from lxml import etree

from contracts.eforms.notifications import InlineContent, ServiceRequest
from worker.systems.eforms.shapes import Kind, Part, parts_of
from worker.xml.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def request_of(root: etree._Element) -> ServiceRequest:
    """Return what the request states."""
    found = _model(root, ServiceRequest)
    assert isinstance(found, ServiceRequest)  # noqa: S101 - asked for it
    return found


def _model(element: etree._Element, model: type[BaseModel]) -> BaseModel:
    return model(**{part.field: _value(element, part) for part in parts_of(model)})


def _value(parent: etree._Element, part: Part) -> Any:
    elements = parent.iterchildren(part.element)
    if part.several:
        values = (_READERS[part.kind](element, part) for element in elements)
        return tuple(value for value in values if value is not None)
    first = next(elements, None)
    return None if first is None else _READERS[part.kind](first, part)


def _text(element: etree._Element, _part: Part) -> str | None:
    return Node(element).text()


def _flag(element: etree._Element, part: Part) -> bool | None:
    return _FLAGS.get(_text(element, part) or "")


def _xml(element: etree._Element, _part: Part) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)


def _content(element: etree._Element, part: Part) -> InlineContent | None:
    """Return size and digest of the bytes; None where there are none, or it is no base64."""
    try:
        content = base64.b64decode("".join((_text(element, part) or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return InlineContent(size=len(content), sha256=hashlib.sha256(content).hexdigest()) if content else None


def _inner(element: etree._Element, part: Part) -> BaseModel:
    assert part.model is not None  # noqa: S101 - it is of this kind
    return _model(element, part.model)


_READERS: dict[Kind, Callable[[etree._Element, Part], Any]] = {
    Kind.TEXT: _text,
    Kind.FLAG: _flag,
    Kind.XML: _xml,
    Kind.CONTENT: _content,
    Kind.MODEL: _inner,
}
