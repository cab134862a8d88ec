"""The CloudEvents attributes of a record, from its headers or from its JSON document, with what is wrong."""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING

from contracts.immutable import immutable
from contracts.problems import Problem
from contracts.reasons import Reason
from contracts.visible_text import is_visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REQUIRED = ("source", "id", "type", "signer")
OPTIONAL = ("rnu",)
"""Attributes that an event may leave out; what is given is checked like the others."""
MAX_LENGTH = 255
"""Characters of an attribute: our bound, so that each fits a database index and a header."""
MAX_RNU = 64
"""Characters of the reference number of a service (`contracts/reference_number.py`)."""

_PREFIX = "ce_"
# The prefixes of CloudEvents' bindings to HTTP and AMQP, which some frameworks keep.
_OTHER_PREFIX = re.compile(r"ce-|cloudevents[:_]", re.IGNORECASE)
# CloudEvents allows no control characters in attributes (1.0.2, type system); halves of surrogate pairs
# cannot be written in UTF-8.
# Nothing can be wrong with such a text, and nearly every attribute is one; the single questions cost ten times as much.
_PLAIN = re.compile(r"[!-~]{1,64}")
_NOT_TEXT = re.compile("[\u0000-\u001f\u007f-\u009f\ud800-\udfff\ufffe\uffff]")
TRACEPARENT = r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
"""W3C Trace Context: neither the version ff nor an id of zeros is valid."""
_TRACEPARENT = re.compile(TRACEPARENT)

Finding = tuple[Reason, Problem]


@immutable
class Attributes:
    """The attributes that are right, and what is wrong with the others."""

    values: Mapping[str, str]
    findings: tuple[Finding, ...] = field(repr=False)


def finding(reason: Reason, path: str, rule: str, message: str) -> Finding:
    """Make one finding: a problem, and the reason code that it has when it is the only one."""
    return reason, Problem(path=path, rule=rule, message=message)


def with_kafka_prefix(
    headers: Sequence[tuple[str, bytes | None]], findings: list[Finding]
) -> Sequence[tuple[str, bytes | None]]:
    """Note headers that have the prefix of another protocol; return them with Kafka's, to look at the rest.

    They are no less refused for that: two names of one attribute would be two readings of one event.
    """
    others = [name for name, _ in headers if _OTHER_PREFIX.match(name)]
    if not any(_attribute(_OTHER_PREFIX.sub(_PREFIX, name, count=1)) for name in others):
        return headers
    message = f"Begin the names of the headers with {_PREFIX}: other prefixes belong to other protocols."
    findings.append(finding(Reason.NOT_A_CLOUDEVENT, "headers", "prefix", message))
    return [
        (_OTHER_PREFIX.sub(_PREFIX, name, count=1) if name in others else name, raw) for name, raw in headers
    ]


def from_headers(headers: Sequence[tuple[str, bytes | None]]) -> Attributes:
    """Read them in binary mode: one ``ce_`` header each."""
    given: dict[str, object] = {}
    findings: list[Finding] = []
    for name, raw in headers:
        attribute = _attribute(name)
        if attribute is None:
            continue
        if attribute in given:
            message = f"Give the header {_PREFIX}{attribute} once."
            findings.append(finding(Reason.NOT_A_CLOUDEVENT, f"$.{attribute}", "once", message))
        given[attribute] = raw
    return _checked(given, findings)


def _attribute(name: str) -> str | None:
    """Return the attribute that a header gives, where it is one that is read."""
    attribute = name.lower().removeprefix(_PREFIX)
    return (
        attribute
        if attribute in (*REQUIRED, *OPTIONAL, "specversion") and attribute != name.lower()
        else None
    )


def from_object(document: Mapping[str, object]) -> Attributes:
    """Read them in structured mode: members of the JSON document."""
    return _checked(document, [])


def one_of(document: Mapping[str, object], name: str) -> str | None:
    """Read one of them in structured mode; None where it is wrong."""
    return _text(name, document.get(name), [])


def traceparent(*candidates: object) -> str | None:
    """Return the first that is a W3C trace parent. A wrong one is ignored, as W3C Trace Context asks."""
    for candidate in candidates:
        text = candidate.decode("ascii", "replace") if isinstance(candidate, bytes) else candidate
        if isinstance(text, str) and _TRACEPARENT.fullmatch(text):
            return text
    return None


def _checked(given: Mapping[str, object], findings: list[Finding]) -> Attributes:
    values: dict[str, str] = {}
    for name in ("specversion", *REQUIRED):
        value = _text(name, given.get(name), findings)
        if value is not None:
            values[name] = value
    for name in OPTIONAL:
        value = None if given.get(name) is None else _text(name, given[name], findings, MAX_RNU)
        if value is not None:
            values[name] = value
    if values.get("specversion", "1.0") != "1.0":
        message = "Use CloudEvents 1.0: set specversion to 1.0."
        findings.append(finding(Reason.UNSUPPORTED_VERSION, "$.specversion", "version", message))
    return Attributes(values, tuple(findings))


def _text(name: str, value: object, findings: list[Finding], most: int = MAX_LENGTH) -> str | None:
    """Return the attribute if it is right; else note what is wrong."""
    path, reason = f"$.{name}", Reason.NOT_A_CLOUDEVENT
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            message = f"Encode the header {_PREFIX}{name} as UTF-8."
            findings.append(finding(Reason.NOT_UTF8, path, "utf8", message))
            return None
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    if value is None or value == "":
        findings.append(finding(reason, path, "required", _missing(name)))
    elif not isinstance(value, str):
        findings.append(finding(reason, path, "type", f"Give the attribute {name} as a string."))
    elif len(value) > most:
        findings.append(finding(reason, path, "length", f"Give at most {most} characters."))
    elif _NOT_TEXT.search(value):
        findings.append(finding(reason, path, "form", f"Leave control characters out of {name}."))
    elif not is_visible(value):
        message = f"Give the attribute {name} with something visible in it."
        findings.append(finding(reason, path, "form", message))
    else:
        return value
    return None


def _missing(name: str) -> str:
    if name in OPTIONAL:
        return f"Leave the attribute {name} out, or give it with a value: it is empty."
    return f"Give the attribute {name}: it is required."
