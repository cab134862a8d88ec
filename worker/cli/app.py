"""All commands together. A command's module is imported when the command is called, so that each starts quickly."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from worker import garbage

COMMANDS = {
    "demo": "Run a hospital's submissions against sandboxes, and check the outcomes against their ledgers.",
    "worker": "Take submissions from Kafka, deliver them, and publish the replies.",
    "receiver": "Take the calls that national systems make, and publish what they state.",
    "status": "Show workers, waiting submissions, open dead letters and problems, by system, signer and source.",
    "check": "Check settings, signing keys and schemas, and list the required topics.",
    "signers": "List, show, test and unblock the signing keys of the configuration.",
    "submit": "Publish events and wait for Kafka's acknowledgement.",
    "watch": "Print replies as they arrive, with the fields that caused a failure; Ctrl-C ends the command.",
    "submissions": "Show the submissions that the journal holds.",
    "watches": "Show the places at which workers look for what arrived, such as inboxes.",
    "files": "Show and fetch the files that replies and events refer to.",
    "dead-letters": "List, replay, settle and discard dead letters, which wait for a person.",
    "intake": "Show and end stops of intake; show and acknowledge records lost before they were read.",
    "journal": "The journal's tables: create, prune, erase, encrypt, reconcile.",
    "topics": "Create the topics that Herald needs.",
    "regix": "List the operations that RegiX can be asked for.",
    "nomenclatures": "Manage the code lists against which Herald checks codes before it sends.",
    "contracts": "Export the events: AsyncAPI, JSON Schema, examples.",
    "sandbox": "Run sandboxes of the national systems, with faults on request.",
}
"""Each is a module of `commands` (with `_` for `-`): an `app` of several commands, or one function of its name."""
ELSEWHERE = {
    "dead-letters": "worker.cli.commands.dead_letters.command",
    "journal": "worker.cli.commands.journal.command",
    "signers": "worker.cli.commands.signers.command",
    "demo": "demo.command",
    "sandbox": "sandbox.command",
}
"""Commands whose module lies elsewhere. Named, not imported: the command line knows no other room."""


class _Later(TyperCommand):
    """A command whose module is loaded when it is called; until then only its line in the list of commands."""

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> Any:
        """Let the real command take over."""
        return _load(str(self.name)).make_context(info_name, args, *more, **extra)


class _Commands(TyperGroup):
    """All commands by name, none of them loaded."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = {name: _Later(name, help=line) for name, line in COMMANDS.items()}

    def invoke(self, ctx: Any) -> Any:
        """Run a command; what it could not use ends it with a sentence, and only a defect with a traceback."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            # Loaded only now: the list of commands needs neither Kafka's library nor the database's.
            if (sentence := import_module("worker.cli.errors").told(error)) is None:
                raise
            typer.echo(sentence, err=True)
            raise typer.Exit(1) from None


def _version(wanted: bool) -> None:  # noqa: FBT001 - click passes the value alone
    if wanted:
        typer.echo(f"herald {version('herald-worker')}")
        raise typer.Exit


def _load(name: str) -> Any:
    module = import_module(module_of(name))
    garbage.loaded()
    if hasattr(module, "app"):
        return typer.main.get_group(module.app)
    return typer.main.get_command(_single(getattr(module, name)))


def module_of(name: str) -> str:
    """Return where the command of this name lives."""
    return ELSEWHERE.get(name) or f"worker.cli.commands.{name.replace('-', '_')}"


def _single(function: Callable[..., None]) -> typer.Typer:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(function)
    return app


app = typer.Typer(cls=_Commands, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def _herald(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print Herald's version.")
    ] = False,
) -> None:
    """Herald: submissions from Kafka to national e-health systems. Exit 0 done, 1 failed, 2 wrong usage."""


def main() -> None:
    """Run the command line."""
    garbage.load()
    app()
