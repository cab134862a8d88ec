"""What an act of `herald dead-letters` is about: what was chosen, what is in its way, and what a dry run shows."""

from __future__ import annotations

from typing import TypeAlias

from worker.admin import replay_sql
from worker.admin.histogram import histogram
from worker.admin.obstacles import Obstacle
from worker.admin.views import Candidate, DeadLetterFilter
from worker.cli.commands.dead_letters.tables import print_bars, say_skipped, skipped
from worker.cli.journal_access import ask
from worker.cli.output import fail, print_json, say
from worker.settings.model import Settings

Judged: TypeAlias = list[tuple[Candidate, Obstacle | None]]
"""Dead letters with what is in the way of each."""


def candidates(settings: Settings, chosen: DeadLetterFilter) -> list[Candidate]:
    """Return what was chosen, in order; or end the command where an id is unknown."""
    found = ask(settings.journal, lambda c: replay_sql.candidates(c, chosen))
    unknown = set(chosen.ids or ()) - {one.id for one in found}
    if unknown:
        fail("The journal has no dead letter " + ", ".join(sorted(unknown)) + ".")
    return found


def free_of(judged: Judged, limit: int | None) -> list[Candidate]:
    """Return the first that nothing is in the way of."""
    return [one for one, obstacle in judged if obstacle is None][:limit]


def tell(
    judged: Judged, free: list[Candidate], act: str, *, by_id: bool, dry_run: bool, as_json: bool
) -> None:
    """Say what is about to be done; a dry run ends with this."""
    left = skipped(judged)
    if not as_json:
        say_skipped(left, by_id=by_id)
    if not dry_run:
        return
    bars = histogram(free)
    if as_json:
        print_json({f"would_{act}": len(free), "histogram": bars, "skipped": left})
        return
    print_bars(bars)
    say(f"{len(free)} to {act}. Nothing was changed.")
