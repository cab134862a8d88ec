"""`herald nomenclatures`: the national systems' code lists, cached in the journal's database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from worker.admin.code_lists import list_code_lists, pull_code_lists, show_code_list
from worker.cli.access import Config, run, settings_of
from worker.cli.output import FAILED, AsJson, print_json, print_table, say

app = typer.Typer(
    no_args_is_help=True, help="Manage the code lists against which Herald checks codes before it sends."
)


@app.command()
def pull(
    config: Config = None,
    *,
    list_id: Annotated[
        list[str] | None, typer.Option("--list", help="Only this list, e.g. CL037; repeatable.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch the code lists and vaccine lots of NHIS now. The workers do it daily by themselves."""
    pulled = run(pull_code_lists(settings_of(config), list_id or None))
    rows = [{"list": one.id, "name": one.name, "codes": len(one.codes)} for one in pulled.lists]
    if as_json:
        print_json({"lists": rows, "problems": list(pulled.problems)})
    else:
        print_table(("list", "name", "codes"), (tuple(row.values()) for row in rows))
    for problem in pulled.problems:
        say(problem)
    if pulled.problems:
        raise typer.Exit(FAILED)


@app.command("list")
def list_(config: Config = None, *, as_json: AsJson = False) -> None:
    """List the code lists that workers check against, with their age."""
    rows = run(list_code_lists(settings_of(config).journal))
    if as_json:
        print_json(rows)
        return
    print_table(
        ("list", "name", "codes", "fetched"), ((row.id, row.name, row.codes, row.fetched_at) for row in rows)
    )
    if not rows:
        say("No code list is cached: run `herald nomenclatures pull`.")


@app.command()
def show(
    list_id: Annotated[str, typer.Argument(metavar="LIST", help="The list's id, e.g. CL037.")],
    config: Config = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the codes of one list, as NHIS gave them."""
    shown = run(show_code_list(settings_of(config).journal, list_id))
    if as_json:
        print_json(shown)
        return
    say(f"{shown.id} {shown.name}, fetched {shown.fetched_at:%Y-%m-%d %H:%M:%S} UTC")
    print_table(("code", "meaning"), ((code, _meaning(meta)) for code, meta in shown.codes.items()))


def _meaning(meta: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in meta.items())
