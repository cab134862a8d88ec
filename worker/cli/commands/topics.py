"""`herald topics`: the topics that Herald needs."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.admin.topics import TopicsCreated, create_topics
from worker.cli.access import Config, run, settings_of
from worker.cli.output import ATTENTION, AsJson, fail, print_json, print_table, say
from worker.kafka.topic_plan import PARTITIONS, REPLICATION

app = typer.Typer(no_args_is_help=True, help="Create the topics that Herald needs.")


@app.callback()
def _topics() -> None:
    """Keep `create` a command of its own while it is the only one."""


@app.command()
def create(
    config: Config = None,
    *,
    partitions: Annotated[
        int, typer.Option(min=1, help="Partitions of each topic, and so the most workers of one system.")
    ] = PARTITIONS,
    replication: Annotated[
        int, typer.Option(min=1, help="Copies of each record; three in production.")
    ] = REPLICATION,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be created; change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Create the missing topics of each configured system. Existing topics are never changed.

    Exit 0: all topics are as planned. 1: a topic cannot be created. 3: an existing topic differs from the plan.
    """
    done = run(
        create_topics(settings_of(config), partitions=partitions, replication=replication, dry_run=dry_run)
    )
    if as_json:
        print_json({"dry_run": dry_run, "created": done.created, "existed": done.existed,
                    "different": done.different, "refused": done.refused})  # fmt: skip
    else:
        _print(done, dry_run=dry_run)
    if done.refused:
        fail("Not all topics could be created.")
    if done.different:
        fail(
            "Existing topics differ; change them with Kafka's own tools, or accept the difference.", ATTENTION
        )


def _print(done: TopicsCreated, *, dry_run: bool) -> None:
    made = "would be made" if dry_run else "made"
    rows = [
        (one.name, made, ", ".join(f"{name}={value}" for name, value in one.config.items()))
        for one in done.created
    ]
    rows += [
        (name, "exists", "; ".join(done.different.get(name, ("as it should be",)))) for name in done.existed
    ]
    rows += [(name, "refused", why) for name, why in done.refused.items()]
    print_table(("topic", "", "settings"), sorted(rows))
    say(f"{len(done.created)} {made}, {len(done.existed)} existed, {len(done.refused)} refused.")
