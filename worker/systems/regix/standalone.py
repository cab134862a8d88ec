"""Canonical forms of a part of an answer, as its signer may have had it before RegiX put it into a message. Pure.

Inclusive C14N writes the namespaces that are in scope around an element, used or not. The signer had the element in
another document than the envelope in which it comes: that document is not known, so a few of them are tried. What
differs between them is declarations that the content does not use.
"""

from __future__ import annotations

from copy import deepcopy
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from lxml import etree

from worker.systems.regix.messages import DATA
from worker.xml.safe import own_document_parser

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_XSI, _XSD = "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/2001/XMLSchema"
_NET: Mapping[str | None, str] = {"xsi": _XSI, "xsd": _XSD}
_SURROUNDINGS: tuple[Mapping[str | None, str], ...] = (
    {},
    _NET,
    {None: DATA},
    {None: DATA, **_NET},
)
"""What .NET's serialiser declares at the root of the documents in which RegiX signs, and nothing."""


class C14n(StrEnum):
    """The canonical forms that are read here, by their algorithms."""

    INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
    EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"


def canonical_forms(
    element: etree._Element, form: C14n, boundary: etree._Element | None = None
) -> Iterator[bytes]:
    """Yield the forms that the element may have had, the likeliest first, each once.

    Declarations between ``boundary`` (an ancestor of the element, or itself) and the element are part of all of them.
    """
    if form is C14n.EXCLUSIVE:
        yield _canonical(etree.tostring(element, with_tail=False), exclusive=True)
        return
    seen: set[bytes] = set()
    inside = _declared(element, element if boundary is None else boundary)
    for around in (*_SURROUNDINGS, dict(element.nsmap)):
        found = _canonical(_alone(element, {**around, **inside}), exclusive=False)
        if found not in seen:
            seen.add(found)
            yield found


def _declared(element: etree._Element, boundary: etree._Element) -> dict[str | None, str]:
    """Return the namespaces that are declared at the element, or between it and the boundary."""
    outer = boundary.getparent()
    around = {} if outer is None else outer.nsmap
    return {
        prefix: uri
        for prefix, uri in element.nsmap.items()
        if around.get(prefix) != uri or prefix == element.prefix
    }


def _alone(element: etree._Element, namespaces: Mapping[str | None, str]) -> bytes:
    """Return the element as a document of its own, with exactly these namespaces in scope."""
    scope = cast("dict[str, str]", {**namespaces})  # the stubs do not know the default namespace
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    root = etree.Element(element.tag, attributes, nsmap=scope)
    root.text = element.text
    root.extend(deepcopy(child) for child in element)
    return etree.tostring(root, encoding="UTF-8")


def _canonical(document: bytes, *, exclusive: bool) -> bytes:
    # Parsed again: lxml's canonical form of a part of a tree differs from that of the same document.
    root = etree.fromstring(document, own_document_parser())
    return etree.tostring(root, method="c14n", exclusive=exclusive, with_comments=False)
