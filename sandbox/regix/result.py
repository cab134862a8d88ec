"""ServiceResultData, as .NET writes it: what was asked and answered, the matrix, the signature, or an error.

Parts are put together as text. Moving them as elements would rename prefixes that are signed, and takes quadratic
time where an answer has many declarations of namespaces, as the large ones have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from sandbox.regix.names import NIL, REGIX, SIGNED, XSD, XSI, regix, signed
from sandbox.regix.shapes import NELK, NHIF
from sandbox.regix.soap import filled, named

if TYPE_CHECKING:
    from sandbox.regix.shapes import Shape
    from sandbox.regix.soap import Element

_NAMED_AS_ELEMENT = (NHIF, NELK)
_ALONE = f'<Data xmlns:xsi="{XSI}" xmlns:xsd="{XSD}" id="data" xmlns="{SIGNED}">'.encode()
_END = b"</Data>"


@dataclass(frozen=True, slots=True)
class Data:
    """The Data of one result; ``content`` is what is within its element."""

    content: bytes

    def alone(self) -> Element:
        """Return it as a document of its own, with XSI and XSD declared, which is how it is signed."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        return etree.fromstring(_ALONE + self.content + _END, parser)

    def within(self) -> bytes:
        """Return it as part of a result, whose declarations it has."""
        return b'<Data id="data">' + self.content + _END


@dataclass(frozen=True, slots=True)
class Result:
    """One result; ``signature`` is XML."""

    is_ready: bool = False
    error: str | None = None
    call_id: int = 0
    verification_code: str | None = None
    data: Data | None = None
    signature: bytes | None = None

    def xml(self) -> bytes:
        """Return the ServiceResultData in the order of its elements."""
        root = named("ServiceResultData", SIGNED, {"xsi": XSI})
        _text(root, "IsReady", _boolean(self.is_ready))
        data = etree.SubElement(root, signed("Data"))
        if self.data is None:
            data.set(NIL, "true")
        if self.signature is not None:
            etree.SubElement(root, signed("Signature"))
        _text(root, "HasError", _boolean(bool(self.error)))
        if self.error is None:
            etree.SubElement(root, signed("Error")).set(NIL, "true")
        else:
            _text(root, "Error", self.error)
        _text(root, "ServiceCallID", str(self.call_id))
        if self.verification_code is not None:
            _text(root, "VerificationCode", self.verification_code)
        content = etree.tostring(root, encoding="utf-8")
        if self.signature is not None:
            content = content.replace(b"<Signature/>", self.signature, 1)
        return content if self.data is None else content.replace(b"<Data/>", self.data.within(), 1)

    def response(self, operation: str) -> bytes:
        """Return the Body's element of the answer to an operation."""
        root = named(f"{operation}Response", REGIX)
        return filled(root, etree.SubElement(root, regix(f"{operation}Result")), self.xml())


def data_of(request: bytes, response: bytes, matrix: Element | None) -> Data:
    """Return the Data of what was asked and answered, both as XML; without a matrix, that is nil."""
    nil = b'<Matrix xsi:nil="true"/>'
    return Data(
        b'<Request id="request">'
        + request
        + b'</Request><Response id="response">'
        + response
        + b"</Response>"
        + (nil if matrix is None else etree.tostring(matrix, encoding="utf-8"))
    )


def standalone(text: bytes, element: Element) -> bytes:
    """Return the text of an element such that it means the same below any default namespace."""
    if etree.QName(element).namespace is None:
        name = etree.QName(element).localname.encode()
        return text.replace(b"<" + name, b"<" + name + b' xmlns=""', 1)
    return text


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


def _boolean(value: bool) -> str:  # noqa: FBT001 - the value to write
    return "true" if value else "false"


def _text(parent: Element, name: str, text: str) -> None:
    etree.SubElement(parent, signed(name)).text = text
