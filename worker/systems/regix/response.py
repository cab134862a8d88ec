"""An answer of RegiX taken apart: a result, a fault, or an empty answer. Total: what cannot be read is None.

Elements are found by their local names: between the two versions of the service namespaces differ.
"""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from lxml import etree

from contracts.immutable import immutable
from worker.signing.wsse.names import DS, soap_of
from worker.systems.regix.settings import MAX_BYTES
from worker.xml import safe
from worker.xml.answer import parse_answer
from worker.xml.node import local_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.transport.port import Answer

MAX_DEPTH = 200
"""Of elements; below the 255 at which libxml2 itself stops."""
MAX_PARTS = 1_500_000
"""Tags and attributes of an answer: some 200 MB of memory while it is read."""
LONGEST_SENTENCE = 4000
"""Characters that are kept of an error; the evidence has all of it."""
_MOST_MESSAGES = 20
"""Messages of a fault's detail that are looked at: exceptions hold exceptions."""
_TEXT = etree.XPath("string()", smart_strings=False)
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_WORDS = {"true": True, "1": True, "false": False, "0": False}


@immutable
class Parts:
    """What a result carries: the signed element, what is in it, and the signatures beside it."""

    data: etree._Element = field(repr=False)
    request: etree._Element | None = field(repr=False)
    response: etree._Element | None = field(repr=False)
    matrix: etree._Element | None = field(repr=False)
    signatures: tuple[etree._Element, ...] = field(default=(), repr=False)


@immutable
class Result:
    """What ServiceResultData states. None stands for what is absent or cannot be read."""

    of: str
    """The operation of the service that answered, by the answer's name: `Execute`, `CheckResult`."""
    is_ready: bool | None
    has_error: bool | None
    error: str | None = field(repr=False)
    call_id: str | None
    """None also for 0, which RegiX writes where it gave no number."""
    code: str | None = field(repr=False)
    parts: Parts | None


@immutable
class Fault:
    """``codes``: its code and subcode, in local names. ``sentences``: its own, and those of its detail's exceptions.

    ``exception``: the type of the outermost exception in its detail, as `System.ArgumentException`.
    """

    codes: tuple[str, ...]
    sentences: tuple[str, ...] = field(repr=False)
    exception: str | None = None


@immutable
class Empty:
    """An answer that says nothing but which operation it answers: `AcknowledgeResultReceived`."""

    of: str


Said: TypeAlias = Result | Fault | Empty


def read_answer(answer: Answer) -> Said | None:
    """Return what a SOAP message says; None where it is none, or holds anything but one answer."""
    content = None if answer.truncated else body_of(answer.body, answer.charset)
    if content is None:
        return None
    if local_name(content) == "Fault":
        return _fault(content)
    operation = local_name(content).removesuffix("Response")
    if operation == local_name(content):
        return None
    results = list(content.iterchildren("*"))
    if not results:
        return Empty(operation)
    return _result(operation, results[0]) if len(results) == 1 else None


def body_of(data: bytes, charset: str | None) -> etree._Element | None:
    """Return the one element in a SOAP Body; None where there is none, or more than one."""
    try:
        envelope = parse_answer(
            data, charset, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH, max_parts=MAX_PARTS, long_texts=True
        )
    except safe.RefusedXml:
        return None
    soap = soap_of(envelope.tag)
    bodies = [] if soap is None else envelope.findall(soap.body)
    elements = [] if len(bodies) != 1 else list(bodies[0].iterchildren("*"))
    return elements[0] if len(elements) == 1 else None


def result_data(wrapper: etree._Element, operation: str) -> Result | None:
    """Read the one ServiceResultData in an element; None where there is not exactly one."""
    found = only(wrapper, "ServiceResultData")
    return None if found is None else _read(found, operation)


def only(element: etree._Element, name: str) -> etree._Element | None:
    """Return the child of this local name; None where there is none, or more than one."""
    found = [child for child in element.iterchildren("*") if local_name(child) == name]
    return found[0] if len(found) == 1 else None


def text_in(element: etree._Element | None) -> str | None:
    """Return an element's text without white space around it; None where it is absent, blank or holds elements."""
    if element is None or next(element.iterchildren("*"), None) is not None:
        return None
    return str(_TEXT(element)).strip() or None


def flag_in(element: etree._Element | None) -> bool | None:
    """Return an xs:boolean; None where it is absent or none."""
    return _WORDS.get(text_in(element) or "")


def is_nil(element: etree._Element) -> bool:
    """Whether an element says that it has no content."""
    return _WORDS.get((element.get(_NIL) or "").strip()) is True


def _result(operation: str, element: etree._Element) -> Result | None:
    if local_name(element) != f"{operation}Result":
        return None
    return result_data(element, operation)


def _read(data: etree._Element, operation: str) -> Result | None:
    # Each at most once: of two that contradict each other neither is to be believed.
    names = [local_name(child) for child in data.iterchildren("*")]
    if len(names) != len(set(names)):
        return None
    error = text_in(only(data, "Error"))
    container = only(data, "Data")
    return Result(
        of=operation,
        is_ready=flag_in(only(data, "IsReady")),
        has_error=flag_in(only(data, "HasError")),
        error=error[:LONGEST_SENTENCE] if error else None,
        call_id=_number(text_in(only(data, "ServiceCallID"))),
        code=text_in(only(data, "VerificationCode")),
        parts=None if container is None or is_nil(container) else _parts(data, container),
    )


def _parts(data: etree._Element, container: etree._Element) -> Parts:
    matrix = only(container, "Matrix")
    return Parts(
        data=container,
        request=_content(only(container, "Request")),
        response=_content(only(container, "Response")),
        matrix=None if matrix is None or is_nil(matrix) else matrix,
        signatures=tuple(_signatures(data)),
    )


def _content(part: etree._Element | None) -> etree._Element | None:
    """Return the one element of an operation's own; None where there is none, or more than one."""
    found = [] if part is None else list(islice(part.iterchildren("*"), 2))
    return found[0] if len(found) == 1 else None


def _signatures(data: etree._Element) -> Iterator[etree._Element]:
    """Yield the signatures beside Data: one alone, or several in a Signature of RegiX's own."""
    for child in data.iterchildren("*"):
        if local_name(child) != "Signature":
            continue
        if child.tag == f"{{{DS}}}Signature":
            yield child
        else:
            yield from child.iterchildren(f"{{{DS}}}Signature")


def _number(text: str | None) -> str | None:
    """Return a number as RegiX writes it, so that two forms of one are the same; None for 0 and what is none."""
    try:
        number = Decimal(text or "0")
    except InvalidOperation:
        return None
    if not number.is_finite() or number <= 0 or number.adjusted() > _LONGEST_NUMBER:
        return None
    return f"{number:f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number:f}"


_LONGEST_NUMBER = 30


def _fault(fault: etree._Element) -> Fault:
    codes = [text_in(only(fault, "faultcode"))]
    code = only(fault, "Code")
    while code is not None and len(codes) < _MOST_MESSAGES:
        codes.append(text_in(only(code, "Value")))
        code = only(code, "Subcode")
    return Fault(
        tuple(one.rpartition(":")[2] for one in codes if one),
        tuple(one[:LONGEST_SENTENCE] for one in _sentences(fault) if one),
        _exception(fault),
    )


def _exception(fault: etree._Element) -> str | None:
    """Return the type that .NET names in the detail (`ExceptionDetail/Type`)."""
    for detail in (only(fault, "detail"), only(fault, "Detail")):
        shown = None if detail is None else only(detail, "ExceptionDetail")
        name = None if shown is None else text_in(only(shown, "Type"))
        if name is not None:
            return name[:_LONGEST_TYPE]
    return None


_LONGEST_TYPE = 200


def _sentences(fault: etree._Element) -> Iterator[str | None]:
    """Yield what a fault says in words: SOAP 1.1 has a faultstring, 1.2 a Reason; .NET adds its exceptions."""
    yield text_in(only(fault, "faultstring"))
    reason = only(fault, "Reason")
    if reason is not None:
        yield from (text_in(one) for one in islice(reason.iterchildren("*"), _MOST_MESSAGES))
    for detail in (only(fault, "detail"), only(fault, "Detail")):
        if detail is not None:
            yield from (text_in(one) for one in islice(detail.iter("{*}Message"), _MOST_MESSAGES))
