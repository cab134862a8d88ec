"""`herald dead-letters list` and `summary`."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from worker.admin.dead_letters import each_dead_letter, list_dead_letters
from worker.admin.summary import summarize_dead_letters
from worker.admin.views import DeadLetterFilter
from worker.cli.access import Config, run, settings_of
from worker.cli.commands.dead_letters.options import filter_of
from worker.cli.commands.dead_letters.tables import print_list, print_summary
from worker.cli.listing import AllRows, AtMost, say_how_many, wanted_rows
from worker.cli.output import AsJson, print_json, print_json_list
from worker.cli.shared_options import takes
from worker.journal.claims import LetterState

_State = Annotated[LetterState | None, typer.Option(help="Only those in this state.")]


@takes("wanted", filter_of)
def list_(
    config: Config = None,
    *,
    wanted: DeadLetterFilter,
    state: _State = None,
    limit: AtMost = None,
    everything: AllRows = False,
    as_json: AsJson = False,
) -> None:
    """List dead letters, newest first. --json prints all, unless --limit is given."""
    wanted = replace(wanted, state=state)
    rows = wanted_rows(limit, everything=everything, as_json=as_json)
    journal = settings_of(config).journal
    if as_json:
        run(print_json_list(each_dead_letter(journal, wanted, rows)))
        return
    page = run(list_dead_letters(journal, wanted, rows))
    print_list(page.rows)
    say_how_many(page, "dead letter")


@takes("wanted", filter_of)
def summary(
    config: Config = None, *, wanted: DeadLetterFilter, state: _State = None, as_json: AsJson = False
) -> None:
    """Count dead letters: totals by state, reason, signer and source."""
    found = run(summarize_dead_letters(settings_of(config).journal, replace(wanted, state=state)))
    if as_json:
        print_json(found)
    else:
        print_summary(found)
