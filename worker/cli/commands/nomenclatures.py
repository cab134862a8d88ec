"""`herald nomenclatures`: the national systems' code lists, cached in the journal's database."""

from __future__ import annotations

import asyncio
import uuid
from typing import Annotated

import typer

from worker.cli.configuration import Config, settings_of
from worker.cli.output import FAILED, AsJson, fail, print_json, print_table, say
from worker.clock import SystemClock
from worker.journal import code_lists
from worker.journal.errors import JournalFault, JournalUnavailable
from worker.journal.link import session
from worker.settings.model import Settings
from worker.systems.nhis.build import build_nomenclatures
from worker.systems.nhis.nomenclatures import Pulled
from worker.transport.clients import HttpClients
from worker.transport.tls import BadTrust

app = typer.Typer(no_args_is_help=True, help="Code lists: codes are checked against them before sending.")

_SYSTEM = "nhis"
LARGEST_LIST = 64 * 1024 * 1024
"""Bytes of an answer here, whatever the settings allow for others: CL011 has 39,000 codes and takes 10 to 20 MiB."""


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
    settings = settings_of(config)
    if settings.systems.nhis is None:
        fail("systems.nhis is not configured.")
    try:
        pulled = asyncio.run(_pull(settings, list_id))
    except (JournalUnavailable, JournalFault) as error:
        fail(f"journal: {error}")
    except BadTrust as error:
        fail(f"systems.nhis: {error}")
    rows = [{"list": one.id, "name": one.name, "codes": len(one.codes)} for one in pulled.lists]
    if as_json:
        print_json({"lists": rows, "problems": list(pulled.problems)})
    else:
        print_table(("list", "name", "codes"), (tuple(row.values()) for row in rows))
    for problem in pulled.problems:
        say(problem)
    if pulled.problems:
        raise typer.Exit(FAILED)


async def _pull(settings: Settings, list_ids: list[str] | None) -> Pulled:
    nhis = settings.systems.nhis
    assert nhis is not None  # noqa: S101  # pull() looked
    http = HttpClients(nhis.transport.model_copy(update={"max_answer_bytes": LARGEST_LIST}))
    try:
        client = build_nomenclatures(nhis, now=SystemClock().now, new_id=lambda: str(uuid.uuid4()), http=http)
        pulled = await client.pull(list_ids or None)
    finally:
        await http.aclose()
    async with session(settings.journal, "nomenclatures") as connection:
        for code_list in pulled.lists:
            await code_lists.replace(connection, _SYSTEM, code_list)
    return pulled
