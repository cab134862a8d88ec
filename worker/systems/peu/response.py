"""An answer of the service taken apart: a SOAP Body, or a fault. Total: what cannot be read is None."""

from __future__ import annotations

import base64
from dataclasses import field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from lxml import etree

from contracts.immutable import immutable
from worker.signing.wsse.names import soap_of
from worker.xml import safe
from worker.xml.answer import parse_answer
from worker.xml.node import local_name

if TYPE_CHECKING:
    from worker.transport.port import Answer

MAX_DEPTH = 100
LONGEST_SENTENCE = 4000
"""Characters that are kept of an error; the evidence has all of it."""
_TEXT = etree.XPath("string()", smart_strings=False)


@immutable
class Content:
    """The SOAP Body of an answer that is no fault."""

    body: etree._Element = field(repr=False)


@immutable
class Fault:
    """``code`` is the fault's code as a local name: `Client`, `Server`; of SOAP 1.2 `Sender`, `Receiver`."""

    code: str
    sentence: str | None = field(repr=False)
    detail: etree._Element | None = field(repr=False)

    @property
    def description(self) -> tuple[str, ...]:
        """The texts of its detail."""
        if self.detail is None:
            return ()
        texts = (" ".join(str(text).split()) for text in self.detail.itertext())
        return tuple(text[:LONGEST_SENTENCE] for text in texts if text)[:20]


Said: TypeAlias = Content | Fault


def read_answer(answer: Answer) -> Said | None:
    """Return what a SOAP message says; None where it is none, or was cut."""
    if answer.truncated or not answer.body:
        return None
    try:
        envelope = parse_answer(
            answer.body, answer.charset, max_bytes=len(answer.body), max_depth=MAX_DEPTH, long_texts=True
        )
    except safe.RefusedXml:
        return None
    soap = soap_of(envelope.tag)
    bodies = [] if soap is None else envelope.findall(soap.body)
    if len(bodies) != 1:
        return None
    first = next(bodies[0].iterchildren("*"), None)
    return _fault(first) if first is not None and local_name(first) == "Fault" else Content(bodies[0])


def as_json(value: Any) -> Any:  # noqa: PLR0911 - one for each kind of value
    """Return a value of the WSDL's types as JSON has it."""
    match value:
        case dict():
            return {str(name): as_json(one) for name, one in value.items()}
        case list() | tuple():
            return [as_json(one) for one in value]
        case None | bool() | int() | str():
            return value
        case bytes():
            return base64.b64encode(value).decode()
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case float() | timedelta():
            return str(value)
    return etree.tostring(value, encoding="unicode") if etree.iselement(value) else str(value)


def _fault(fault: etree._Element) -> Fault:
    code = _named(fault, "faultcode") or _deep(fault, "Code", "Value") or ""
    sentence = _named(fault, "faultstring") or _deep(fault, "Reason", "Text")
    detail = next((one for one in fault.iterchildren("*") if local_name(one).lower() == "detail"), None)
    # Some services add a word of their own behind a full stop: `Client.Authentication`.
    return Fault(code.rpartition(":")[2].partition(".")[0], sentence, detail)


def _deep(fault: etree._Element, outer: str, inner: str) -> str | None:
    found = next((one for one in fault.iterchildren("*") if local_name(one) == outer), None)
    return None if found is None else _named(found, inner)


def _named(parent: etree._Element, name: str) -> str | None:
    found = next((one for one in parent.iterchildren("*") if local_name(one) == name), None)
    return None if found is None else str(_TEXT(found)).strip()[:LONGEST_SENTENCE] or None
