"""`herald submit`: publish events from a file, as a hospital information system would."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from contracts.counted import counted
from contracts.replies import ReplyKind
from worker.cli.access import Bootstrap, Config, Prefix, SystemName, topics_of
from worker.cli.commands.watch import show
from worker.cli.event_file import KEY, STRUCTURED, BadFile, Expected, FileEvent, read_events
from worker.cli.output import FAILED, WRONG_USE, AsJson, fail, print_json, say
from worker.cli.reply_lines import document_of
from worker.cli.reply_reader import NoTopics, Reply, ReplyReader, reading_replies
from worker.kafka.clients import connection_arguments
from worker.kafka.errors import sentence
from worker.kafka.publisher import NotPublished, publishing
from worker.pipeline.ports import Event

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.kafka.settings import KafkaSettings
    from worker.pipeline.routing import Routing

_FARTHEST_ZONE = timedelta(hours=14)
"""A day that has begun nowhere on Earth is refused here; the worker knows the system's own zone."""


def submit(
    file: Annotated[
        Path,
        typer.Argument(help="CloudEvents as JSON: one event, an array, or one event per line; - is stdin."),
    ],
    config: Config = None,
    *,
    bootstrap: Bootstrap = None,
    prefix: Prefix = "herald.",
    system: SystemName = None,
    key: Annotated[str | None, typer.Option(help=f"Kafka key of events that have no `{KEY}`.")] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the replies; exit with 0 only if all are accepted.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for the replies.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """Publish events and wait for Kafka's acknowledgement. The key is the patient's, or a pseudonym of it.

    The bytes of the events are published unchanged. If one event violates its contract, none is published.
    """
    kafka, routing = topics_of(config, bootstrap, prefix)
    today = (datetime.now(UTC) + _FARTHEST_ZONE).date()
    events = _read(file, Expected(key, system, today, int(kafka.max_event_bytes)))
    try:
        replies = asyncio.run(_submit(kafka, routing, events, timeout if wait else None, as_json=as_json))
    except NotPublished as error:
        fail(f"Kafka did not accept the events: {error.why}.")
    except NoTopics as error:
        fail(f"Nothing was published. {error}")
    except KafkaError as error:
        fail(f"Kafka cannot be read: {sentence(error)}.")
    missing = [one for one in events if (one.source, one.id) not in replies] if wait else []
    if not wait and not as_json:
        say(f"Read the answers with `herald watch --from {events[0].id}`.")
    if as_json:
        print_json(_document(events, routing, replies, missing, wait=wait))
    if missing:
        say(f"No reply within {timeout:g} s to {', '.join(one.id for one in missing)}: they may still come.")
    if missing or any(reply.kind != "accepted" for reply in replies.values()):
        raise typer.Exit(FAILED)


def _read(file: Path, expected: Expected) -> list[FileEvent]:
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        fail(f"{file}: cannot be read ({error.strerror or type(error).__name__})", WRONG_USE)
    try:
        return read_events(content, expected)
    except BadFile as bad:
        fail("\n".join((f"{file}: nothing was published", *bad.problems)), WRONG_USE)


_Replies = dict[tuple[str, str], Reply]


async def _submit(
    kafka: KafkaSettings,
    routing: Callable[[str], Routing],
    events: list[FileEvent],
    seconds: float | None,
    *,
    as_json: bool,
) -> _Replies:
    """Publish, and return the replies that came within so many seconds; None is not to wait."""
    if seconds is None:
        await _publish(kafka, routing, events)
        return {}
    routes = {routing(one.system).of_source(one.source) for one in events}
    topics = [topic for route in routes for topic in (route.results, route.errors)]
    async with reading_replies(kafka, topics) as reader:
        await reader.from_now()
        await _publish(kafka, routing, events)
        return await _answers(reader, {(one.source, one.id) for one in events}, seconds, as_json=as_json)


async def _publish(kafka: KafkaSettings, routing: Callable[[str], Routing], events: list[FileEvent]) -> None:
    arguments = connection_arguments(kafka)
    async with publishing(AIOKafkaProducer(acks="all", enable_idempotence=True, **arguments)) as publisher:
        await publisher.publish_all(
            Event(_topic(routing, one), one.key, one.value, STRUCTURED) for one in events
        )
    for topic, count in Counter(_topic(routing, one) for one in events).items():
        say(f"{counted(count, 'event')} published to {topic}.")


def _topic(routing: Callable[[str], Routing], event: FileEvent) -> str:
    """Return the topic that is bound to the event's source; where none takes it, the worker refuses it by name."""
    of_system = routing(event.system)
    return of_system.inlet_of(event.source) or of_system.submissions[0]


async def _answers(
    reader: ReplyReader, wanted: set[tuple[str, str]], seconds: float, *, as_json: bool
) -> _Replies:
    found: _Replies = {}
    try:
        async with asyncio.timeout(seconds):
            async for reply in reader.replies():
                source, submission_id = reply.submission
                identity = (source or "", submission_id or "")
                if identity not in wanted or identity in found:
                    continue
                if not as_json:
                    show(reply, as_json=False)
                if reply.kind == ReplyKind.TAKEN:  # its answer comes later
                    continue
                found[identity] = reply
                if len(found) == len(wanted):
                    break
    except TimeoutError:
        pass
    return found


def _document(
    events: list[FileEvent],
    routing: Callable[[str], Routing],
    replies: _Replies,
    missing: list[FileEvent],
    *,
    wait: bool,
) -> dict[str, Any]:
    published = [{"topic": _topic(routing, one), "source": one.source, "id": one.id} for one in events]
    if not wait:
        return {"published": published}
    return {
        "published": published,
        "replies": [document_of(reply) for reply in replies.values()],
        "unanswered": [{"source": one.source, "id": one.id} for one in missing],
    }
