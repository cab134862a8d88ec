"""Options that are declared once, and taken by several commands."""

from __future__ import annotations

from typing import Annotated

import typer
from typer.testing import CliRunner

from worker.cli.shared_options import takes


def name_of(*, first: Annotated[str, typer.Option(help="The first.")] = "a", last: str = "b") -> str:
    return f"{first} {last}"


@takes("name", name_of)
def person(*, ids: Annotated[list[str] | None, typer.Argument()] = None, name: str) -> tuple[str, list[str]]:
    return name, ids or []


@takes("given", person)
def command(own: int = 1, *, given: tuple[str, list[str]], loud: bool = False) -> None:
    typer.echo(f"{own} {given} {loud}")


def run(*arguments: str):
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, arguments)


def test_a_command_takes_the_options_of_what_makes_its_value():
    assert run("--first", "c", "--own", "2", "--loud", "x", "y").stdout == "2 ('c b', ['x', 'y']) True\n"
    assert run().stdout == "1 ('a b', []) False\n"


def test_its_help_has_them_too():
    shown = run("--help").stdout
    assert "The first." in shown
    assert "--name" not in shown
