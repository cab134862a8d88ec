"""What commands share: loading the configuration, running an act of `worker.admin`, and reaching Kafka."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeAlias, TypeVar

import typer
from pydantic import ValidationError

from contracts.registry import EVENT_TYPES, SYSTEMS
from worker.admin.errors import ActFailed, AmbiguousId, WrongConfiguration
from worker.admin.sentences import ended
from worker.cli.output import WRONG_USE, fail
from worker.kafka.settings import KafkaSettings
from worker.pipeline.routing import Routing
from worker.settings.load import load
from worker.settings.model import Settings
from worker.settings.problems import BadConfiguration, SettingProblem, stated

T = TypeVar("T")
TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
"""The forms of a time in an option."""


def _one_of(known: Iterable[str]) -> Callable[[str | None], str | None]:
    """Return a check of an option's value: what is not known is wrong use, never an empty result."""
    names = sorted(known)

    def check(value: str | None) -> str | None:
        if value is None or value in names:
            return value
        raise typer.BadParameter(f"{value!r} is not one of {', '.join(names)}.")

    return check


def not_empty(value: str | None) -> str | None:
    """Check an option or argument: one that is given and empty is wrong use, as of a variable that was not set."""
    if value is not None and not value.strip():
        raise typer.BadParameter("it is empty.")
    return value


_known_system = _one_of(SYSTEMS)
_known_operation = _one_of({contract.operation for contract in EVENT_TYPES.values()})

Config: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config", "-c", help="YAML file with the settings; by default the file that HERALD_CONFIG names."
    ),
]
Bootstrap: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--bootstrap",
        "-b",
        help="Kafka's address, host:port; by default the configuration's address and security.",
    ),
]
Prefix: TypeAlias = Annotated[str, typer.Option(help="Topic prefix, with --bootstrap.")]
SystemName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        callback=_known_system, help="The national system; needed only if the events do not name it."
    ),
]
KnownSystem: TypeAlias = Annotated[
    str | None, typer.Option(callback=_known_system, help="Only this system's.")
]
KnownOperation: TypeAlias = Annotated[
    str | None, typer.Option(callback=_known_operation, help="Only this operation's.")
]


Systems: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--systems",
        help="Only these of the configured systems, separated by commas; by default all of them.",
    ),
]


def settings_of(config: Path | None) -> Settings:
    """Load the settings, or end the command with all their problems."""
    try:
        return load(config, os.environ)
    except BadConfiguration as bad:
        fail(
            "The configuration cannot be used:\n" + "\n".join(f"  {problem}" for problem in bad.problems),
            WRONG_USE,
        )


def settings_for(config: Path | None, systems: list[str] | None) -> Settings:
    """Load the settings for these systems alone (each item may name several), or end the command."""
    settings = settings_of(config)
    if systems is None:
        return settings
    wanted = [name.strip() for item in systems for name in item.split(",")]
    configured = settings.systems.configured()
    if unknown := [name for name in wanted if name not in configured]:
        named = ", ".join(repr(name) for name in unknown)
        fail(
            f"--systems: {named} is not configured; the configured systems are {', '.join(configured)}.",
            WRONG_USE,
        )
    return settings.serving(wanted)


def run(act: Coroutine[Any, Any, T]) -> T:
    """Return what an act did, or end the command with why it failed."""
    try:
        return asyncio.run(act)
    except (WrongConfiguration, AmbiguousId) as error:
        fail(str(error), WRONG_USE)
    except ActFailed as error:
        fail(str(error))


def topics_of(
    config: Path | None, bootstrap: str | None, prefix: str
) -> tuple[KafkaSettings, Callable[[str], Routing]]:
    """Return how to reach Kafka, and a system's topics by its name; the common ones where only an address is known."""
    if bootstrap is None:
        settings = settings_of(config)
        return settings.kafka, settings.routing_of
    kafka = kafka_of(config, bootstrap, prefix)
    return kafka, partial(Routing.of, kafka.topic_prefix)


def kafka_of(config: Path | None, bootstrap: str | None, prefix: str) -> KafkaSettings:
    """Return how to reach Kafka: by a worker's configuration, or by an address alone, as a hospital has it.

    Ends the command where the options are wrong.
    """
    if bootstrap is None:
        return settings_of(config).kafka
    try:
        return KafkaSettings.model_validate({"bootstrap_servers": bootstrap, "topic_prefix": prefix})
    except ValidationError as error:
        told = dict.fromkeys(_of_option(problem) for problem in stated(error))
        fail("\n".join(told), WRONG_USE)


def _of_option(problem: SettingProblem) -> str:
    option = "--prefix" if problem.path == "topic_prefix" else "--bootstrap"
    return ended(f"{option}: {problem.message}")
