"""Reading a CloudEvents 1.0 submission out of a record: binary mode (``ce_`` headers) or structured mode.

Source: CloudEvents 1.0.2 and its Kafka protocol binding. Nothing here knows Kafka: a record is its key, its
value and its headers. Reading never stops at the first problem, so that a sender gets all of them at once.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

import orjson

from contracts import attributes, strict_json
from contracts.attributes import Attributes, Finding, finding
from contracts.immutable import immutable
from contracts.reasons import Reason
from contracts.submission_ref import SubmissionRef
from contracts.value_forms import described

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.problems import Problem

# The gravest comes first: it is the reason of an event that has several.
_GRAVITY = (
    Reason.NULL_VALUE,
    Reason.TOO_LARGE,
    Reason.NOT_UTF8,
    Reason.NOT_JSON,
    Reason.UNSUPPORTED_VERSION,
    Reason.NOT_A_CLOUDEVENT,
    Reason.MISSING_KEY,
)
_STRUCTURED = "application/cloudevents+json"
_BATCH = "application/cloudevents-batch"
_JSON = "application/json"
_UNREADABLE = {Reason.NOT_UTF8: "utf8", Reason.NOT_JSON: "json"}
# Marks that no document could be read: None would be the document `null`.
_NOTHING = object()


@immutable
class Envelope:
    """A submission event, read. ``data_raw`` is JSON as it came, not yet checked against its contract."""

    source: str
    id: str
    type: str
    signer: str
    data_raw: Any = field(repr=False)
    traceparent: str | None = None
    rnu: str | None = None


class BadEvent(Exception):
    """The record is no event that can be taken.

    ``reason`` is the gravest of its problems, ``submission`` is there as soon as source and id could be read. The
    exception's text holds nothing of the record.
    """

    def __init__(
        self, reason: Reason, problems: tuple[Problem, ...], submission: SubmissionRef | None
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.problems = problems
        self.submission = submission


def decode(
    headers: Sequence[tuple[str, bytes | None]],
    value: bytes | None,
    key: bytes | None,
    *,
    max_bytes: int,
) -> Envelope:
    """Read a record. Raises BadEvent with everything that is wrong with it."""
    findings: list[Finding] = []
    headers = attributes.with_kafka_prefix(headers, findings)
    by_name = {name.lower(): raw for name, raw in headers}
    document = _document(value, max_bytes, findings)
    if _is_not_one_json_event(by_name, document, findings):
        read, data, trace = Attributes({}, ()), None, None
    elif _is_structured(by_name, document):
        read, data, trace = _structured(document, findings)
    else:
        read, data, trace = attributes.from_headers(headers), document, by_name.get("ce_traceparent")
        _check_content_type(by_name.get("content-type"), findings)
    findings.extend(read.findings)
    _check_key(key, findings)
    traceparent = attributes.traceparent(trace, by_name.get("traceparent"))
    if findings:
        reason = min((reason for reason, _ in findings), key=_GRAVITY.index)
        raise BadEvent(reason, tuple(problem for _, problem in findings), _named(read, traceparent))
    found = read.values
    return Envelope(
        source=found["source"],
        id=found["id"],
        type=found["type"],
        signer=found["signer"],
        data_raw=data,
        traceparent=traceparent,
        rnu=found.get("rnu"),
    )


def peek(
    headers: Sequence[tuple[str, bytes | None]], value: bytes | None, *, max_bytes: int
) -> tuple[str | None, str | None]:
    """Return source and signer of a record, each where it can be read; nothing is checked.

    It costs a fraction of `decode`, and may read what `decode` refuses (a name twice, a missing key).
    """
    by_name = {name.lower(): raw for name, raw in headers}
    structured = _media_type(by_name.get("content-type")) == _STRUCTURED
    if not structured and any(name.startswith("ce_") for name in by_name):
        found = attributes.from_headers(headers).values
        return found.get("source"), found.get("signer")
    document = _lenient_document(value, max_bytes)
    if not isinstance(document, dict):
        return None, None
    return attributes.one_of(document, "source"), attributes.one_of(document, "signer")


def _lenient_document(value: bytes | None, max_bytes: int) -> object:
    if value is None or len(value) > max_bytes:
        return None
    try:
        return orjson.loads(value)
    except ValueError:
        return _lenient_text(value)


def _lenient_text(value: bytes) -> object:
    """Read what only the standard library takes, such as a NaN, or an encoding other than UTF-8."""
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _document(value: bytes | None, max_bytes: int, findings: list[Finding]) -> Any:
    """Read the value as JSON; a value that is too large is not even decoded.

    One byte order mark is skipped, as RFC 8259 allows.
    """
    if value is None:
        message = "Publish the event's content: this record has no value."
        findings.append(finding(Reason.NULL_VALUE, "value", "required", message))
        return _NOTHING
    if len(value) > max_bytes:
        message = f"Publish at most {max_bytes} bytes."
        findings.append(finding(Reason.TOO_LARGE, "value", "length", message))
        return _NOTHING
    try:
        return strict_json.parse(value.decode().removeprefix("\ufeff"))
    except UnicodeDecodeError:
        reason, message = described(value) or (Reason.NOT_UTF8, "Encode the value as UTF-8.")
    except strict_json.NotJson as error:
        reason, message = described(value) or (Reason.NOT_JSON, str(error))
    findings.append(finding(reason, "value", _UNREADABLE[reason], message))
    return _NOTHING


def _is_not_one_json_event(
    by_name: dict[str, bytes | None], document: object, findings: list[Finding]
) -> bool:
    """Note a batch, or an event in another format: then nothing else can be said of the record."""
    media = _media_type(by_name.get("content-type"))
    bare_batch = isinstance(document, list) and bool(document) and all(map(_has_attributes, document))
    if media.startswith(_BATCH) or (bare_batch and not any(name.startswith("ce_") for name in by_name)):
        message = "Publish one event in each record: batches are not taken."
        findings.append(finding(Reason.NOT_A_CLOUDEVENT, "value", "batch", message))
        return True
    if media.startswith("application/cloudevents") and media != _STRUCTURED:
        message = f"Publish the event as JSON ({_STRUCTURED}): other formats are not taken."
        findings.append(finding(Reason.NOT_A_CLOUDEVENT, "value", "format", message))
        return True
    return False


def _has_attributes(member: object) -> bool:
    return isinstance(member, dict) and "specversion" in member


def _is_structured(by_name: dict[str, bytes | None], document: object) -> bool:
    if _media_type(by_name.get("content-type")) == _STRUCTURED:
        return True
    if any(name.startswith("ce_") for name in by_name):
        return False
    if document is _NOTHING:
        # No sign of either mode: that every header is missing would be noise beside the unreadable value.
        return True
    return isinstance(document, dict) and "specversion" in document


def _structured(document: Any, findings: list[Finding]) -> tuple[Attributes, Any, object]:
    """Take the event's attributes, data and trace parent out of its document."""
    if document is _NOTHING:
        # The one problem is that it cannot be read; that its attributes are missing would be noise.
        return Attributes({}, ()), None, None
    if not isinstance(document, dict):
        message = "Publish a JSON object: the CloudEvent with its attributes and data."
        if isinstance(document, str):
            message = (
                "Publish the JSON object itself: the value is a JSON string, so it was serialised twice."
            )
        findings.append(finding(Reason.NOT_A_CLOUDEVENT, "value", "type", message))
        return Attributes({}, ()), None, None
    if "data" not in document:
        message = "Give data as JSON: it is required, and data_base64 is not taken."
        findings.append(finding(Reason.NOT_A_CLOUDEVENT, "$.data", "required", message))
    _check_content_type(document.get("datacontenttype"), findings)
    return attributes.from_object(document), document.get("data"), document.get("traceparent")


def _check_content_type(given: object, findings: list[Finding]) -> None:
    if given is not None and _media_type(given) != _JSON:
        message = f"Publish data as {_JSON}."
        findings.append(finding(Reason.NOT_A_CLOUDEVENT, "$.datacontenttype", "choice", message))


def _media_type(given: object) -> str:
    text = given.decode("ascii", "replace") if isinstance(given, bytes) else given
    return text.partition(";")[0].strip().lower() if isinstance(text, str) else ""


def _check_key(key: bytes | None, findings: list[Finding]) -> None:
    if not key:
        message = "Publish the event with a Kafka key: events of one patient share one, and keep their order."
        findings.append(finding(Reason.MISSING_KEY, "key", "required", message))


def _named(read: Attributes, traceparent: str | None) -> SubmissionRef | None:
    found = read.values
    if "source" not in found or "id" not in found:
        return None
    names = found["source"], found["id"], found.get("type"), found.get("signer")
    return SubmissionRef(*names, traceparent, found.get("rnu"))
