"""What a value is that cannot be read as JSON: the forms that clients publish by mistake, and what to do. Pure."""

from __future__ import annotations

import json

from contracts import strict_json
from contracts.reasons import Reason

_FRAME = 5
"""Bytes that serialisers of a schema registry write before the content: a zero, and the schema's number."""
_BEGINNINGS = (
    (b"\x1f\x8b", "gzip; publish it plain and set the compression of the Kafka producer"),
    (b"\x28\xb5\x2f\xfd", "zstd; publish it plain and set the compression of the Kafka producer"),
    (b"\xac\xed\x00\x05", "a serialised Java object; write JSON"),
)
_BINARY = (
    (b"\0", "binary, as of Avro or Protobuf with the frame of a schema registry; write JSON"),
    (b"Obj\x01", "an Avro file; write JSON"),
)


def described(value: bytes) -> tuple[Reason, str] | None:
    """Say what an unreadable value is and what to do, with the reason; None where it has no form that is known."""
    if _has_frame(value):
        message = (
            f"Publish the JSON alone: {_FRAME} bytes of a schema registry stand before it. Use a serialiser that"
            " writes plain bytes or strings."
        )
        return Reason.NOT_JSON, message
    for beginning, what in _BEGINNINGS:
        if value.startswith(beginning):
            return Reason.NOT_UTF8, f"Publish JSON in UTF-8: the value is {what}."
    # By the zeros, or a byte order mark, as a document that is not of UTF-8 cannot be without them.
    encoding = json.detect_encoding(value)
    if not encoding.startswith("utf-8") and _reads_as(value, encoding):
        name = encoding.upper()[:6]
        return Reason.NOT_UTF8, f"Encode the value as UTF-8: it is {name}."
    for beginning, what in _BINARY:
        if value.startswith(beginning) and len(value) > _FRAME:
            return _reason_of(value), f"Publish JSON in UTF-8: the value is {what}."
    return None


def _reason_of(value: bytes) -> Reason:
    """Return the reason for a value of any bytes: short ones may be UTF-8 by chance."""
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return Reason.NOT_UTF8
    return Reason.NOT_JSON


def _has_frame(value: bytes) -> bool:
    """Whether JSON follows the frame. Only a zero byte marks frames of Avro and Protobuf."""
    return value[:1] == b"\0" and _reads_as(value[_FRAME:], "utf-8")


def _reads_as(value: bytes, encoding: str) -> bool:
    try:
        return isinstance(strict_json.parse(value.decode(encoding)), dict | list)
    except (strict_json.NotJson, UnicodeDecodeError):
        return False
