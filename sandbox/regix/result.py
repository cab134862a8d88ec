"""ServiceResultData, as .NET writes it: what was asked and answered, the matrix, the signature, or an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from sandbox.regix.names import NIL, SIGNED, XSD, XSI, regix, signed
from sandbox.regix.shapes import NELK, NHIF
from sandbox.regix.soap import named

if TYPE_CHECKING:
    from sandbox.regix.shapes import Shape
    from sandbox.regix.soap import Element

_NAMED_AS_ELEMENT = (NHIF, NELK)
_DATA = b'<Data xmlns:xsi="%s" xmlns:xsd="%s" id="data" xmlns="%s">%s</Data>'


@dataclass(frozen=True, slots=True)
class Result:
    """One result. ``data`` and ``signature`` are elements of their own, copied into each answer."""

    is_ready: bool = False
    error: str | None = None
    call_id: int = 0
    verification_code: str | None = None
    data: Element | None = None
    signature: Element | None = None

    def element(self) -> Element:
        """Return the ServiceResultData in the order of its elements."""
        root = named("ServiceResultData", SIGNED)
        _text(root, "IsReady", _boolean(self.is_ready))
        if self.data is None:
            _nil(root, "Data")
        else:
            root.append(_copy(self.data))
        if self.signature is not None:
            root.append(_copy(self.signature))
        _text(root, "HasError", _boolean(bool(self.error)))
        if self.error is None:
            _nil(root, "Error")
        else:
            _text(root, "Error", self.error)
        _text(root, "ServiceCallID", str(self.call_id))
        if self.verification_code is not None:
            _text(root, "VerificationCode", self.verification_code)
        return root

    def response(self, operation: str) -> Element:
        """Return the Body's element of the answer to an operation."""
        root = named(f"{operation}Response", "http://egov.bg/RegiX")
        etree.SubElement(root, regix(f"{operation}Result")).append(self.element())
        return root


def data_of(request: Element, response: Element, matrix: Element | None) -> Element:
    """Return the Data as a document of its own, with XSI and XSD declared, which is how it is signed."""
    if matrix is None:
        matrix = etree.Element(signed("Matrix"), nsmap={None: SIGNED, "xsi": XSI})  # type: ignore[dict-item]
        matrix.set(NIL, "true")
    parts = (
        b'<Request id="request">' + _standalone(request) + b"</Request>",
        b'<Response id="response">' + _standalone(response) + b"</Response>",
        _standalone(matrix),
    )
    # Written and read again: only the parser declares `xmlns=""` for content without a namespace.
    text = _DATA % (XSI.encode(), XSD.encode(), SIGNED.encode(), b"".join(parts))
    return etree.fromstring(text, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def matrix_of(shape: Shape, hidden: frozenset[str]) -> Element:
    """Return the access matrix: every path of the answer in order, and whether it may be seen.

    Its Name is that of the class that .NET has for the answer: inferred from the type's name in the schema.
    """
    root = named("Matrix", SIGNED)
    root.set("id", "AccessMatrix")
    _text(root, "HasAccess", "true")
    _text(root, "Name", shape.name if shape.namespace.startswith(_NAMED_AS_ELEMENT) else f"{shape.name}Type")
    listed = etree.SubElement(root, signed("Properties"))
    for path in sorted(shape.paths(), key=lambda path: path.split(".")):
        entry = etree.SubElement(listed, signed("Property"))
        _text(entry, "HasAccess", _boolean(not _within(path, hidden)))
        _text(entry, "Name", path)
    return root


def _within(path: str, hidden: frozenset[str]) -> bool:
    return any(path == one or path.startswith(f"{one}.") for one in hidden)


def _standalone(element: Element) -> bytes:
    text = etree.tostring(element, encoding="utf-8", with_tail=False)
    if etree.QName(element).namespace is None:
        name = etree.QName(element).localname.encode()
        return text.replace(b"<" + name, b"<" + name + b' xmlns=""', 1)
    return text


def _copy(element: Element) -> Element:
    return etree.fromstring(etree.tostring(element), etree.XMLParser(resolve_entities=False, huge_tree=True))


def _boolean(value: bool) -> str:  # noqa: FBT001 - the value to write
    return "true" if value else "false"


def _text(parent: Element, name: str, text: str) -> None:
    etree.SubElement(parent, signed(name)).text = text


def _nil(parent: Element, name: str) -> None:
    etree.SubElement(parent, signed(name)).set(NIL, "true")
