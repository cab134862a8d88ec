"""`herald watch`: the replies as they come."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from contracts.registry import SYSTEMS
from worker.cli.access import Bootstrap, Config, Prefix, SystemName, kafka_of
from worker.cli.output import AsJson, fail, print_json, printable, say
from worker.kafka.clients import connection_arguments


def watch(
    config: Config = None,
    *,
    bootstrap: Bootstrap = None,
    prefix: Prefix = "herald.",
    system: SystemName = None,
    beginning: Annotated[
        bool, typer.Option("--from-beginning", help="Also what was published before.")
    ] = False,
    count: Annotated[int | None, typer.Option(min=1, help="End after so many replies.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print replies as they come, one a line; Ctrl-C ends it."""
    kafka = kafka_of(config, bootstrap, prefix)
    systems = (system,) if system else SYSTEMS
    topics = tuple(f"{kafka.topic_prefix}{one}.{kind}" for one in systems for kind in ("results", "errors"))
    try:
        with contextlib.suppress(KeyboardInterrupt):
            arguments = connection_arguments(kafka)
            asyncio.run(_watch(arguments, topics, beginning=beginning, count=count, as_json=as_json))
    except KafkaError as error:
        fail(f"Kafka cannot be read: {type(error).__name__}")


async def _watch(
    arguments: dict[str, Any], topics: tuple[str, ...], *, beginning: bool, count: int | None, as_json: bool
) -> None:
    start = "earliest" if beginning else "latest"
    consumer = AIOKafkaConsumer(
        auto_offset_reset=start, enable_auto_commit=False, isolation_level="read_committed", **arguments
    )
    await consumer.start()
    # Only topics that exist: asking for another one would create it where Kafka creates topics automatically.
    there = sorted(set(topics) & await consumer.topics())
    if not there:
        await consumer.stop()
        fail(f"There is none of these topics: {', '.join(topics)}")
    say(f"watching {' and '.join(there)}")
    consumer.subscribe(there)
    seen = 0
    try:
        async for record in consumer:
            _print(record, as_json=as_json)
            seen += 1
            if count is not None and seen >= count:
                return
    finally:
        await consumer.stop()


def _print(record: ConsumerRecord[bytes, bytes], *, as_json: bool) -> None:
    headers = {name: value.decode("utf-8", "replace") for name, value in record.headers}
    data = json.loads(record.value or b"null")
    if as_json:
        print_json({"topic": record.topic, "headers": headers, "data": data})
        return
    kind = headers.get("ce_type", "").split(".")[-2:-1]
    told = data.get("message") or ", ".join(f"{name} {value}" for name, value in _told(data).items())
    typer.echo(printable(f"{headers.get('ce_submissionid')}  {''.join(kind)}  {told}"))


def _told(data: dict[str, Any]) -> dict[str, Any]:
    """Return the short values of an accepted reply, such as its numbers; whole documents are for `--json`."""
    return {
        name: value
        for name, value in data.get("data", {}).items()
        if isinstance(value, str | int) and name != "content"
    }
