"""`herald watch`: the replies as they come."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Annotated

import typer
from aiokafka.errors import KafkaError

from contracts.registry import SYSTEMS
from worker.cli.access import Bootstrap, Config, Prefix, SystemName, topics_of
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, say
from worker.cli.reply_lines import document_of, lines_of
from worker.cli.reply_reader import NoTopics, Reply, ReplyReader, reading_replies
from worker.cli.tables import printable
from worker.kafka.errors import sentence

if TYPE_CHECKING:
    from worker.kafka.settings import KafkaSettings


def watch(
    config: Config = None,
    *,
    bootstrap: Bootstrap = None,
    prefix: Prefix = "herald.",
    system: SystemName = None,
    beginning: Annotated[bool, typer.Option("--from-beginning", help="Include earlier replies.")] = False,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="SUBMISSION", help="Start at the first reply to the submission with this id."
        ),
    ] = None,
    count: Annotated[int | None, typer.Option(min=1, help="End after this many replies.")] = None,
    notifications: Annotated[
        bool,
        typer.Option("--notifications", help="In place of replies, print what systems state on their own."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print replies as they arrive, with the fields that caused a failure; Ctrl-C ends the command."""
    if beginning and start is not None:
        fail("Give --from or --from-beginning, not both.", WRONG_USE)
    kafka, routing = topics_of(config, bootstrap, prefix)
    routings = [routing(one) for one in ((system,) if system else SYSTEMS)]
    topics = [topic for one in routings for topic in one.replies]
    stated = list(dict.fromkeys(topic for one in routings for topic in one.stated))
    if notifications and not (topics := stated):
        fail(f"{system} has no notifications." if system else "No system has notifications.", WRONG_USE)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_watch(kafka, topics, beginning=beginning, start=start, count=count, as_json=as_json))
    except (NoTopics, TimeoutError) as error:
        fail(str(error) or "Kafka did not return the positions of the topics.")
    except KafkaError as error:
        fail(f"Kafka cannot be read: {sentence(error)}.")


async def _watch(
    kafka: KafkaSettings,
    topics: list[str],
    *,
    beginning: bool,
    start: str | None,
    count: int | None,
    as_json: bool,
) -> None:
    async with reading_replies(kafka, topics) as reader:
        await _place(reader, beginning=beginning, start=start)
        say(f"watching {' and '.join(reader.topics)}")
        seen = 0
        async for reply in reader.replies():
            show(reply, as_json=as_json)
            seen += 1
            if count is not None and seen >= count:
                return


async def _place(reader: ReplyReader, *, beginning: bool, start: str | None) -> None:
    if beginning:
        await reader.from_beginning()
    elif start is None:
        await reader.from_now()
    elif not await reader.from_submission(start):
        say(f"There is no reply to {start} yet: showing replies from now on.")


def show(reply: Reply, *, as_json: bool) -> None:
    """Print one reply."""
    if as_json:
        print_json(document_of(reply))
        return
    for line in lines_of(reply):
        typer.echo(printable(line))
