"""`herald nomenclatures`: the national systems' code lists, cached in the journal's database."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.admin.code_lists import pull_code_lists
from worker.cli.access import Config, run, settings_of
from worker.cli.output import FAILED, AsJson, print_json, print_table, say

app = typer.Typer(no_args_is_help=True, help="Code lists: codes are checked against them before sending.")


@app.callback()
def _nomenclatures() -> None:
    """Keep `pull` a command of its own while it is the only one."""


@app.command()
def pull(
    config: Config = None,
    *,
    list_id: Annotated[
        list[str] | None, typer.Option("--list", help="Only this list, e.g. CL037; may be given again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Fetch the code lists and vaccine lots of NHIS. Run it daily: the ministry changes them."""
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
