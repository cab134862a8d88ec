"""`herald dead-letters list` and `show`."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.admin.dead_letters import list_dead_letters, show_dead_letter
from worker.cli.access import Config, run, settings_of
from worker.cli.commands.dead_letters.options import (
    Code,
    Operation,
    Signer,
    Since,
    System,
    Until,
    some_filter,
)
from worker.cli.commands.dead_letters.tables import entry_shown, print_list, print_one, without_record
from worker.cli.output import AsJson, print_json
from worker.journal.claims import LetterState


def list_(
    config: Config = None,
    *,
    code: Code = None,
    system: System = None,
    operation: Operation = None,
    signer: Signer = None,
    since: Since = None,
    until: Until = None,
    state: Annotated[LetterState | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List dead letters, newest first."""
    wanted = some_filter(
        code=code, system=system, operation=operation, signer=signer, since=since, until=until, state=state
    )
    rows = run(list_dead_letters(settings_of(config).journal, wanted, limit))
    if as_json:
        print_json([without_record(row) for row in rows])
    else:
        print_list(rows)


def show(
    dead_letter_id: Annotated[str, typer.Argument(metavar="ID", help="The dead letter's id.")],
    config: Config = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter: why it died, how its submission stands, who did what about it."""
    found = run(show_dead_letter(settings_of(config).journal, dead_letter_id))
    if as_json:
        print_json(
            {
                "dead_letter": without_record(found.letter),
                "submission": found.submission,
                "acts": [entry_shown(one) for one in found.audit],
            }
        )
    else:
        print_one(found)
