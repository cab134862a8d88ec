"""What in a request differs from the documented form, though RegiX itself may not mind: elements, order, namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from sandbox.regix.names import (
    ARGUMENT,
    CHECK_ORDER,
    CONTEXT_ORDER,
    CONTEXT_REQUIRED,
    EXECUTE,
    NIL,
    REGIX,
    REQUEST_ORDER,
    REQUEST_REQUIRED,
    SIGNED,
    SOAP,
    regix,
    signed,
)
from sandbox.regix.reports import REPORTS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from sandbox.regix.soap import Element, Message

_BOOLEANS = ("SignResult", "ReturnAccessMatrix")


def deviations(message: Message, operation: str) -> list[str]:
    """Return every difference as a sentence that names elements and no value."""
    return list(_of_message(message, operation))


def _of_message(message: Message, operation: str) -> Iterator[str]:
    if message.soap == SOAP and message.headers:
        yield "Header has elements; SOAP 1.1 at /basic has no headers"
    wrapper, content = ARGUMENT[operation]
    outer = yield from _only(message.body, REGIX, wrapper)
    inner = None if outer is None else (yield from _only(outer, SIGNED, content))
    if inner is None:
        return
    if operation != EXECUTE:
        yield from _sequence(inner, SIGNED, CHECK_ORDER, frozenset(CHECK_ORDER))
        return
    yield from _sequence(inner, SIGNED, REQUEST_ORDER, REQUEST_REQUIRED)
    yield from _of_values(inner)
    context = inner.find(signed("CallContext"))
    if context is not None:
        yield from _sequence(context, SIGNED, CONTEXT_ORDER, CONTEXT_REQUIRED)
    argument = inner.find(signed("Argument"))
    if argument is not None:
        yield from _of_argument(argument, inner.findtext(signed("Operation"), "").strip())


def _only(parent: Element, namespace: str, name: str) -> Generator[str, None, Element | None]:
    """Yield what is wrong with the only child that is expected; return that child."""
    found = parent.find(f"{{{namespace}}}{name}")
    for child in parent.iterchildren(etree.Element):
        if child is not found:
            yield _stray(parent, child)
    if found is None:
        yield f"{_named(parent)} lacks {name} of {namespace}"
    return found


def _sequence(
    parent: Element, namespace: str, order: Sequence[str], required: frozenset[str]
) -> Iterator[str]:
    last = -1
    for child in parent.iterchildren(etree.Element):
        name = _named(child)
        if _space(child) != namespace or name not in order:
            yield _stray(parent, child)
            continue
        place = order.index(name)
        if place <= last:
            yield f"{name} is in the wrong place or twice in {_named(parent)}"
        last = max(last, place)
    for name in order:
        found = parent.find(f"{{{namespace}}}{name}")
        if name in required and (found is None or not (len(found) or (found.text or "").strip())):
            yield f"{_named(parent)} lacks {name}"


def _of_values(request: Element) -> Iterator[str]:
    for name in _BOOLEANS:
        text = request.findtext(signed(name), "").strip()
        if text and text not in {"true", "false", "1", "0"}:
            yield f"{name} is no boolean"
    for element in request.iter(etree.Element):
        if _space(element) in {SIGNED, REGIX} and set(element.attrib) - {NIL}:
            yield f"{_named(element)} has attributes"


def _of_argument(argument: Element, operation: str) -> Iterator[str]:
    children = list(argument.iterchildren(etree.Element))
    if len(children) > 1:
        yield "Argument has more than one element"
    report = REPORTS.get(operation)
    if report is None or not children:
        return
    form = report.argument
    if children[0].tag != f"{{{form.namespace}}}{form.name}":
        yield f"Argument has no {form.name} of {form.namespace}"
    names = [child.name for child in form.children]
    yield from _sequence(children[0], form.namespace, names, frozenset(names))


def _stray(parent: Element, child: Element) -> str:
    return f"{_named(parent)} has {_named(child)} of the namespace {_space(child)!r}, which does not belong there"


def _named(element: Element) -> str:
    return etree.QName(element).localname


def _space(element: Element) -> str:
    return etree.QName(element).namespace or ""


def unknown_root(message: Message, operation: str) -> bool:
    """Whether the Body's element is not that of the operation, which RegiX refuses."""
    return message.body.tag != regix(operation)


def stated(found: Iterable[str]) -> str:
    """Return the deviations as the text of the sandbox's own fault in strict mode."""
    return f"SANDBOX-STRICT: {'; '.join(found)}"
