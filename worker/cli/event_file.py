"""A file of events: where each event begins and ends in it, and whether the worker would take it.

An event is published as the bytes that the file has of it: a JSON library that read and wrote it could change it.
"""

from __future__ import annotations

import json
from dataclasses import field
from typing import TYPE_CHECKING, Any

from contracts import strict_json
from contracts.immutable import immutable
from contracts.registry import SYSTEMS
from contracts.value_forms import described
from worker.pipeline.ports import Record
from worker.pipeline.reading import InvalidRecord, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

KEY = "partitionkey"
"""The CloudEvents extension that names the Kafka key of an event."""
STRUCTURED = (("content-type", b"application/cloudevents+json"),)
_SPACE = " \t\r\n"
"""White space of JSON. Other separators, such as U+2028, may stand in its texts and end no line."""


class BadFile(Exception):
    """Nothing of the file may be published; ``problems`` are sentences that quote no value of it."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@immutable
class FileEvent:
    """One event that the contract takes; ``value`` is what the file has of it, in UTF-8."""

    system: str
    source: str
    id: str
    key: bytes = field(repr=False)
    value: bytes = field(repr=False)


@immutable
class Expected:
    """What every event of a file is held to: ``key`` for those that name none, and the ``system`` if only one may be.

    ``today`` is the day after which no date may lie, ``max_bytes`` the size of the largest event.
    """

    key: str | None
    system: str | None
    today: date
    max_bytes: int


def read_events(content: bytes, expected: Expected) -> list[FileEvent]:
    """Return the events of a file: one, a JSON array, or one a line. Raises BadFile with the problems of all."""
    texts = list(_documents(_decoded(content)))
    if not texts:
        raise BadFile("The file holds no event.")
    events, problems = [], []
    for number, text in enumerate(texts, 1):
        try:
            events.append(_event(text, expected))
        except BadFile as bad:
            problems += [f"event {number}: {problem}" for problem in bad.problems]
    if problems:
        raise BadFile(*problems)
    return events


def _decoded(content: bytes) -> str:
    if known := described(content):  # before it is decoded: a schema registry's frame may be UTF-8
        raise BadFile(known[1])
    try:
        return content.decode("utf-8-sig").strip(_SPACE)
    except UnicodeDecodeError:
        raise BadFile("The file is not UTF-8.") from None


def _documents(text: str) -> Iterator[str]:
    """Yield each event's own part of the text."""
    if text.startswith("["):
        yield from _items(text)
        return
    lines = [line.strip(_SPACE) for line in text.split("\n") if line.strip(_SPACE)]
    yield from (
        lines if len(lines) > 1 and _end_of_document(lines[0], 0) == len(lines[0]) else [text] if text else []
    )


def _items(text: str) -> Iterator[str]:
    start = _after_space(text, 1)
    if text[start:] == "]":
        return
    while True:
        end = _end_of_document(text, start)
        if end is None:
            raise BadFile(f"The array is not JSON: the item at character {start} cannot be read.")
        yield text[start:end]
        following = _after_space(text, end)
        if text[following:] == "]":
            return
        if text[following : following + 1] != ",":
            raise BadFile(f"The array is not JSON: character {following} is neither a comma nor its end.")
        start = _after_space(text, following + 1)


def _end_of_document(text: str, start: int) -> int | None:
    """Return where the JSON value ends that begins here; None where none does. The contract looks at it later."""
    try:
        return json.JSONDecoder().raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return None


def _after_space(text: str, start: int) -> int:
    return next((at for at in range(start, len(text)) if text[at] not in _SPACE), len(text))


def _event(text: str, expected: Expected) -> FileEvent:
    try:
        document = strict_json.parse(text)
    except strict_json.NotJson as error:
        raise BadFile(str(error)) from None
    if not isinstance(document, dict):
        raise BadFile("It is not a JSON object.")
    key = document.get(KEY) or expected.key
    if not key:
        raise BadFile(f"It has no key: give --key, or `{KEY}` in the event (the patient's pseudonym).")
    system = _system_of(document, expected.system)
    record = Record("", 0, 0, 0, str(key).encode(), text.encode(), STRUCTURED)
    # Which signers there are is the worker's to say.
    reader = Reader(
        system,
        knows_signer=lambda _: True,
        today=lambda: expected.today,
        max_event_bytes=expected.max_bytes,
    )
    read = reader.read(record)
    if isinstance(read, InvalidRecord):
        raise BadFile(*(f"{problem.path} ({problem.rule}): {problem.message}" for problem in read.problems))
    return FileEvent(system, read.source, read.id, record.key or b"", text.encode())


def _system_of(document: dict[str, Any], wanted: str | None) -> str:
    named = str(document.get("type")).partition(".")[0]
    if named not in SYSTEMS:
        raise BadFile(f"Its type belongs to no system ({', '.join(SYSTEMS)}).")
    if wanted not in {None, named}:
        raise BadFile(f"Its type belongs to the system {named}, but --system names another.")
    return named
