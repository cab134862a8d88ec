"""Between the ports' types and table columns: headers as JSON, byte for byte; events as four columns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from worker.pipeline.ports import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

EventColumns = tuple[str, bytes | None, str, bytes | None]
"""Topic, key, headers, value."""


def event_columns(event: Event) -> EventColumns:
    """Lay an event out for the database."""
    return event.topic, event.key, event_headers_json(event.headers), event.value


def event_of(topic: str, key: bytes | None, headers: str, value: bytes | None) -> Event:
    """Read an event back: byte for byte what `event_columns` was given."""
    pairs = tuple(
        (name, None if text is None else text.encode("latin-1")) for name, text in json.loads(headers)
    )
    return Event(topic=topic, key=key, value=value, headers=pairs)


def event_headers_json(headers: Iterable[tuple[str, bytes | None]]) -> str:
    """Write Kafka headers in their order, repeats and all. Latin-1 maps each byte to one character.

    Kafka knows headers without a value; they are null here.
    """
    pairs = [(name, None if value is None else value.decode("latin-1")) for name, value in headers]
    return json.dumps(pairs, separators=(",", ":"))


def object_json(pairs: Mapping[str, str]) -> str:
    """Write names and values as one JSON object."""
    return json.dumps(dict(pairs), separators=(",", ":"))


def transposed(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    """Turn rows into the columns that `unnest` wants."""
    return [list(column) for column in zip(*rows, strict=True)]
