"""SOAP envelopes: 1.1 at `/basic`, 1.2 with WS-Addressing beside it; safe reading, and answers in the same version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from lxml import etree

from sandbox.regix.errors import Fault, Unreadable
from sandbox.regix.names import ACTION, NIL, SOAP, SOAP_12, WSA, XSD, XSI, signed
from sandbox.stand_in import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no public name for it
_OK, _SERVER_ERROR = 200, 500
_DISPATCHER = "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher"
_DETAIL = "http://schemas.datacontract.org/2004/07/System.ServiceModel"
_PLACE, _PLACE_TAG = "{urn:herald:sandbox:place}here", b'<here xmlns="urn:herald:sandbox:place"/>'
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Message:
    """One envelope that was read: its version, its action, its Body's element, and its identifier."""

    soap: str
    action: str
    body: Element
    message_id: str = ""
    headers: int = 0
    """How many elements the Header has."""


def read(content: bytes, headers: Mapping[str, str], soap: str) -> Message:
    """Read an envelope of this version. Raises Unreadable, or Fault where WS-Addressing's headers are missing."""
    root = _parse(content)
    body = root.find(f"{{{soap}}}Body")
    if root.tag != f"{{{soap}}}Envelope" or body is None:
        raise Unreadable
    first = next(body.iterchildren(etree.Element), None)
    if first is None:
        raise Unreadable
    header = root.find(f"{{{soap}}}Header")
    count = 0 if header is None else sum(1 for _ in header.iterchildren(etree.Element))
    if soap == SOAP:
        return Message(soap, headers.get("soapaction", "").strip().strip('"'), first, headers=count)
    return Message(
        soap, _addressed(header, "Action"), first, message_id=_addressed(header, "MessageID"), headers=count
    )


def media_type(headers: Mapping[str, str]) -> str:
    """Return the content type without its parameters, in lower case."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def answer(soap: str, operation: str, content: bytes, *, relates_to: str, kind: str) -> Answer:
    """Return HTTP 200 with this XML in the Body."""
    root, body = envelope(soap, f"{ACTION}{operation}Response", relates_to)
    return Answer(_OK, filled(root, body, content), content_type(soap), kind=kind)


def fault(soap: str, error: Fault, *, relates_to: str, status: int = _SERVER_ERROR) -> Answer:
    """Return a fault as WCF writes it when exceptions' details are included."""
    root, body = envelope(soap, f"{_DISPATCHER}/fault", relates_to)
    found = etree.SubElement(body, f"{{{soap}}}Fault")
    if soap == SOAP:
        code = etree.SubElement(found, "faultcode", nsmap={"a": _DISPATCHER})
        text, detail = etree.SubElement(found, "faultstring"), etree.SubElement(found, "detail")
    else:
        outer = etree.SubElement(found, f"{{{soap}}}Code")
        etree.SubElement(outer, f"{{{soap}}}Value").text = "s:Receiver"
        inner = etree.SubElement(outer, f"{{{soap}}}Subcode")
        code = etree.SubElement(inner, f"{{{soap}}}Value", nsmap={"a": _DISPATCHER})
        text = etree.SubElement(etree.SubElement(found, f"{{{soap}}}Reason"), f"{{{soap}}}Text")
        detail = etree.SubElement(found, f"{{{soap}}}Detail")
    code.text = f"a:{error.code}"
    text.set(_LANGUAGE, "en-US")
    text.text = error.text
    _describe(detail, error)
    return Answer(status, etree.tostring(root, encoding="utf-8"), content_type(soap), kind="fault")


def envelope(soap: str, action: str, relates_to: str = "") -> tuple[Element, Element]:
    """Return an envelope with its Body; of SOAP 1.2 the Header has WS-Addressing's action."""
    addressed = soap == SOAP_12
    root = etree.Element(f"{{{soap}}}Envelope", nsmap={"s": soap, **({"a": WSA} if addressed else {})})
    if addressed:
        header = etree.SubElement(root, f"{{{soap}}}Header")
        stated = etree.SubElement(header, f"{{{WSA}}}Action")
        stated.set(f"{{{soap}}}mustUnderstand", "1")
        stated.text = action
        if relates_to:
            etree.SubElement(header, f"{{{WSA}}}RelatesTo").text = relates_to
    return root, etree.SubElement(root, f"{{{soap}}}Body", nsmap={"xsi": XSI, "xsd": XSD})


def filled(root: Element, place: Element, content: bytes) -> bytes:
    """Return the tree as text, with this XML as the only content of one of its elements."""
    default: Any = {None: etree.QName(_PLACE).namespace}
    etree.SubElement(place, _PLACE, nsmap=default)
    return etree.tostring(root, encoding="utf-8").replace(_PLACE_TAG, content, 1)


def content_type(soap: str) -> str:
    """Return the media type of a version."""
    return "text/xml" if soap == SOAP else "application/soap+xml"


def of_another_call(given: Answer) -> Answer:
    """Return an answer whose call is another one: number and verification code differ, all else stays."""
    root = etree.fromstring(
        given.body, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    )
    for element in root.iter(signed("ServiceCallID"), signed("VerificationCode")):
        element.text = f"9{element.text}"
    return replace(given, body=etree.tostring(root, encoding="utf-8"))


def named(name: str, namespace: str, prefixes: Mapping[str | None, str] | None = None) -> Element:
    """Return a new element whose namespace is the default one, as .NET writes it."""
    mapping: Any = {None: namespace, **(prefixes or {})}
    return etree.Element(f"{{{namespace}}}{name}", nsmap=mapping)


def _parse(content: bytes) -> Element:
    if b"<!DOCTYPE" in content:
        raise Unreadable
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable
    return root


def _addressed(header: Element | None, name: str) -> str:
    found = None if header is None else header.find(f"{{{WSA}}}{name}")
    if found is None or not (found.text or "").strip():
        raise Fault(
            f"A required header representing a Message Addressing Property is not present: {name}.",
            "MessageAddressingHeaderRequired",
            "System.ServiceModel.MessageHeaderException",
        )
    return (found.text or "").strip()


def _describe(detail: Element, error: Fault) -> None:
    shown = named("ExceptionDetail", _DETAIL, {"i": XSI})
    for name, text in (
        ("HelpLink", None),
        ("InnerException", None),
        ("Message", error.text),
        ("StackTrace", "   at Herald.Sandbox.Invented()"),
        ("Type", error.kind),
    ):
        child = etree.SubElement(shown, f"{{{_DETAIL}}}{name}")
        if text is None:
            child.set(NIL, "true")
        else:
            child.text = text
    detail.append(shown)
