"""What a request says, read as leniently as RegiX reads it: unknown elements and other namespaces are passed over."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from sandbox.regix.errors import undeserializable
from sandbox.regix.names import (
    ARGUMENT,
    CONTEXT_ORDER,
    NIL,
    REQUEST_FLAGS,
    RESPONSE_FLAGS,
    regix,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.regix.soap import Element, Message

_DECIMAL_DIGITS = 28
"""What .NET's decimal holds."""
_TRUE, _FALSE = {"true", "1"}, {"false", "0"}


@dataclass(frozen=True, slots=True)
class ExecuteRequest:
    """A ServiceRequestData. Texts are None where the element is not there, or nil, or not of the right namespace."""

    operation: str
    argument: Element | None
    context: Mapping[str, str]
    flags: frozenset[str]
    callback_url: str | None
    citizen: str | None = field(repr=False)
    employee: str | None = field(repr=False)
    sign: bool = False
    matrix: bool = False

    @property
    def asynchronous(self) -> bool:
        """Whether the answer may come later."""
        return "Asynchronous" in self.flags

    def argument_hash(self) -> str | None:
        """Return the SHA-256 of the argument in exclusive C14N, by which repeats are found."""
        if self.argument is None:
            return None
        text = etree.tostring(self.argument, method="c14n", exclusive=True, with_tail=False)
        return hashlib.sha256(text).hexdigest()


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """A ServiceCheckResultArgument."""

    call_id: int
    verification_code: str | None = field(repr=False)


def execute_request(message: Message) -> ExecuteRequest:
    """Read the request of Execute. Raises Fault where a value cannot be read."""
    data = _content(message, "Execute")
    if data is None:
        return ExecuteRequest("", None, {}, frozenset(), None, None, None)
    holder = data.find(signed("Argument"))
    argument = None if holder is None else next(holder.iterchildren(etree.Element), None)
    return ExecuteRequest(
        operation=_text(data, "Operation") or "",
        argument=argument,
        context=_context(data.find(signed("CallContext"))),
        flags=_flags(_text(data, "RequestProcessing"), REQUEST_FLAGS)
        | _flags(_text(data, "ResponseProcessing"), RESPONSE_FLAGS),
        callback_url=_text(data, "CallbackURL") or None,
        citizen=_text(data, "CitizenEGN"),
        employee=_text(data, "EmployeeEGN"),
        sign=_boolean(_text(data, "SignResult")),
        matrix=_boolean(_text(data, "ReturnAccessMatrix")),
    )


def check_request(message: Message, operation: str) -> CheckRequest:
    """Read the request of CheckResult or AcknowledgeResultReceived. Raises Fault where the id is no number."""
    data = _content(message, operation)
    if data is None:
        return CheckRequest(0, None)
    text = (_text(data, "ServiceCallID") or "0").strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= _DECIMAL_DIGITS):
        raise undeserializable()
    return CheckRequest(int(text), _text(data, "VerificationCode"))


def _content(message: Message, operation: str) -> Element | None:
    wrapper, content = ARGUMENT[operation]
    outer = message.body.find(regix(wrapper))
    return None if outer is None else outer.find(signed(content))


def _context(element: Element | None) -> dict[str, str]:
    found = {} if element is None else {name: _text(element, name) for name in CONTEXT_ORDER}
    return {name: text for name, text in found.items() if text is not None}


def _text(parent: Element, name: str) -> str | None:
    element = parent.find(signed(name))
    if element is None or element.get(NIL) in _TRUE:
        return None
    return "".join(str(part) for part in element.itertext())


def _flags(text: str | None, known: frozenset[str]) -> frozenset[str]:
    named = frozenset((text or "").split())
    if not named <= known:
        raise undeserializable()
    return named


def _boolean(text: str | None) -> bool:
    if text is None:
        return False
    if text.strip() not in _TRUE | _FALSE:
        raise undeserializable()
    return text.strip() in _TRUE
