"""`herald dead-letters discard`."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.admin.discard import discard_dead_letters, select_for_discard
from worker.admin.obstacles import Obstacle, leaves_open
from worker.admin.selection import Selection
from worker.cli.access import Config, run, settings_of
from worker.cli.commands.dead_letters.options import DryRun, Selected, selection
from worker.cli.commands.dead_letters.tables import show_selection
from worker.cli.operator import PerhapsBy, Why, acting
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, say
from worker.cli.shared_options import takes

STAYS_OPEN = (
    "{} of the submissions stay held: nobody knows whether the system processed them, and Herald asks no more. "
    "Their replies still say `held`; what is found later is stated by `herald dead-letters settle`."
)


@takes("selected", selection)
def discard(
    config: Config = None,
    *,
    selected: Selected,
    reason: Why,
    outcome_unknown: Annotated[
        bool,
        typer.Option(
            "--outcome-unknown",
            help="Also discard dead letters of held submissions; their outcome stays unknown.",
        ),
    ] = False,
    by: PerhapsBy = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Discard dead letters permanently: no replay takes them. Their replies do not change."""
    who = None if dry_run else acting(by)
    journal = settings_of(config).journal
    chosen = run(
        select_for_discard(journal, selected.wanted, outcome_unknown=outcome_unknown, limit=selected.limit)
    )
    if selected.by_id and (asking := _asking(chosen)):
        fail("\n".join([*asking, "Nothing was discarded."]), WRONG_USE)
    show_selection(chosen, "discard", by_id=selected.by_id, dry_run=dry_run, as_json=as_json)
    if who is None:
        return
    done = run(discard_dead_letters(journal, chosen.ids, who=who, reason=reason))
    held = sum(leaves_open(one) for one in chosen.taken)
    if as_json:
        print_json({"discarded": done.ids, "stay_held": held, "skipped": chosen.skipped})
    say(f"{len(done.ids)} discarded.")
    if held:
        say(STAYS_OPEN.format(held))


def _asking(chosen: Selection) -> list[str]:
    """Return a sentence for each dead letter whose discard needs its own option."""
    return [f"{one.id}: {one.why}." for one in chosen.skipped if one.why == Obstacle.UNKNOWN.value]
