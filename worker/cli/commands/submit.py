"""`herald submit`: publish events from a file, as a hospital information system would."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaProducer

from contracts.registry import SYSTEMS
from worker.cli.access import Bootstrap, Config, Prefix, SystemName, kafka_of
from worker.cli.output import WRONG_USE, fail, say
from worker.kafka.clients import connection_arguments
from worker.kafka.errors import sentence
from worker.kafka.publisher import NotPublished, publishing
from worker.pipeline.ports import Event

KEY = "partitionkey"
"""The CloudEvents extension that names the key; it becomes the record's key and is not published itself."""
STRUCTURED = b"application/cloudevents+json"


def submit(
    file: Annotated[
        Path, typer.Argument(help="CloudEvents as JSON: one, a list, or one a line; - is stdin.")
    ],
    config: Config = None,
    *,
    bootstrap: Bootstrap = None,
    prefix: Prefix = "herald.",
    system: SystemName = None,
    key: Annotated[str | None, typer.Option(help=f"Kafka key of events that have no `{KEY}`.")] = None,
) -> None:
    """Publish events and wait for Kafka's acknowledgement. The key is the patient's, or a pseudonym of it."""
    events = _read(file, key, system)
    kafka = kafka_of(config, bootstrap, prefix)
    try:
        asyncio.run(_publish(connection_arguments(kafka), kafka.topic_prefix, events))
    except NotPublished as error:
        fail(f"Kafka did not take the events: {sentence(error.cause)}.")
    for name, count in Counter(one.system for one in events).items():
        topic = f"{kafka.topic_prefix}{name}.submissions"
        say(f"{count} event(s) published to {topic}. Read the answers with `herald watch`.")


@dataclass(frozen=True, slots=True)
class _Record:
    system: str
    key: bytes = field(repr=False)
    value: bytes = field(repr=False)


def _read(file: Path, key: str | None, system: str | None) -> list[_Record]:
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        events = list(_documents(text))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        fail(f"{file}: cannot be read as JSON events ({error})", WRONG_USE)
    problems = [f"event {i}: {p}" for i, event in enumerate(events, 1) if (p := _problem(event, key, system))]
    if problems:
        fail(f"{file}: nothing was published\n" + "\n".join(problems), WRONG_USE)
    return [_record(event, key, system) for event in events]


def _documents(text: str) -> Iterable[Any]:
    try:
        whole = json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return whole if isinstance(whole, list) else [whole]


def _problem(event: object, key: str | None, system: str | None) -> str | None:
    if not isinstance(event, dict):
        return "is no JSON object"
    if not (event.get(KEY) or key):
        return f"has no key: give --key, or `{KEY}` in the event (the patient's pseudonym)"
    if system is None and _system_of(event) is None:
        return f"has a type of no system ({', '.join(SYSTEMS)}): correct it, or give --system"
    return None


def _system_of(event: dict[str, Any]) -> str | None:
    named = str(event.get("type")).partition(".")[0]
    return named if named in SYSTEMS else None


def _record(event: dict[str, Any], key: str | None, system: str | None) -> _Record:
    chosen = str(event.get(KEY) or key)
    published = {name: value for name, value in event.items() if name != KEY}
    value = json.dumps(published, ensure_ascii=False).encode()
    return _Record(system or _system_of(event) or "", chosen.encode(), value)


async def _publish(arguments: dict[str, Any], prefix: str, events: list[_Record]) -> None:
    async with publishing(AIOKafkaProducer(acks="all", enable_idempotence=True, **arguments)) as kafka:
        headers = (("content-type", STRUCTURED),)
        await kafka.publish_all(
            Event(f"{prefix}{one.system}.submissions", one.key, one.value, headers) for one in events
        )
