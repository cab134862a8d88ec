"""SOAP envelopes, of 1.1 and 1.2: safe reading of what came, and making of what leaves."""

from __future__ import annotations

import re
from typing import TypeAlias

from lxml import etree

from sandbox.kz_shep.errors import FORMAT, Refused
from sandbox.kz_shep.names import SOAP

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no public name for it
MAX_BYTES = 1024 * 1024
_DECLARED_ENCODING = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_UTF8 = {b"utf-8", b"us-ascii"}


def parse(content: bytes) -> Element:
    """Parse UTF-8 XML with no DTD. Raises Refused (SCE001)."""
    _check_text(content)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, encoding="utf-8"
    )
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(FORMAT, "Документ не является правильным XML.", str(error)) from error


def body_of(root: Element, soap: str = SOAP) -> Element:
    """Return the only Body of an envelope of this version: an optional Header, then Body. Raises Refused (SCE001)."""
    if root.tag != f"{{{soap}}}Envelope":
        raise Refused(FORMAT, f"Корневой элемент должен быть Envelope из {soap}.")
    header, body = f"{{{soap}}}Header", f"{{{soap}}}Body"
    children = [child.tag for child in root.iterchildren(etree.Element)]
    if children not in ([body], [header, body]):
        raise Refused(FORMAT, "Envelope должен содержать не более одного Header, затем один Body.")
    if sum(1 for _ in root.iter(body)) != 1:
        raise Refused(FORMAT, "Элемент Body должен быть один.")
    return next(root.iterchildren(body))


def soap_of(element: Element) -> str:
    """Return the namespace of the version of SOAP that an element of the envelope is of."""
    return etree.QName(element).namespace or ""


def header_of(root: Element) -> Element | None:
    """Return the envelope's Header, or None."""
    return root.find(f"{{{soap_of(root)}}}Header")


def new_envelope(soap: str = SOAP) -> tuple[Element, Element]:
    """Return an envelope of this version without a Header, and its Body."""
    root = etree.Element(f"{{{soap}}}Envelope", nsmap={"soap": soap})
    return root, etree.SubElement(root, f"{{{soap}}}Body")


def add_header(root: Element) -> Element:
    """Return the envelope's Header, made where there is none."""
    found = header_of(root)
    if found is None:
        found = etree.Element(f"{{{soap_of(root)}}}Header")
        root.insert(0, found)
    return found


def serialized(root: Element) -> bytes:
    """Return the document as UTF-8 with a declaration."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _check_text(content: bytes) -> None:
    declared = _DECLARED_ENCODING.match(content.lstrip(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in _UTF8:
        raise Refused(FORMAT, "Допускается только кодировка UTF-8.")
    if b"<!DOCTYPE" in content:
        raise Refused(FORMAT, "DTD не допускается.")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(FORMAT, "Документ не в кодировке UTF-8.") from error
