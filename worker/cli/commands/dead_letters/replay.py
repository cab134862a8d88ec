"""`herald dead-letters replay`: say what is left alone, then replay with a progress bar."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.admin.replay import (
    GOES_ON,
    MAX_REPLAYS,
    ReplayOrder,
    replay_dead_letters,
    select_for_replay,
)
from worker.admin.replay_run import Replayed
from worker.cli.access import Config, run, settings_of
from worker.cli.commands.dead_letters.options import DryRun, Selected, selection
from worker.cli.commands.dead_letters.progress import ProgressBar
from worker.cli.commands.dead_letters.tables import show_selection
from worker.cli.operator import PerhapsBy, PerhapsWhy, acting
from worker.cli.output import AsJson, fail, print_json, say
from worker.cli.shared_options import takes
from worker.settings.model import Settings


@takes("selected", selection)
def replay(
    config: Config = None,
    *,
    selected: Selected,
    max_replays: Annotated[
        int, typer.Option(min=1, help="Skip dead letters that were already replayed this often.")
    ] = MAX_REPLAYS,
    reason: PerhapsWhy = None,
    by: PerhapsBy = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Publish dead letters again to their topics, in order. An accepted submission is never sent again."""
    who = None if dry_run else acting(by)
    settings = settings_of(config)
    found = run(select_for_replay(settings, selected.wanted, max_replays=max_replays, limit=selected.limit))
    chosen = found.selection
    show_selection(chosen, "replay", by_id=selected.by_id, dry_run=dry_run, as_json=as_json)
    if who is None:
        if found.begun:
            say(f"Before these, {found.begun} that an earlier replay had started would be finished.")
        return
    done = _replay(settings, ReplayOrder(chosen.ids, who, reason))
    if as_json:
        print_json({"replayed": done.replayed, "finished": done.finished, "refused": done.refused,
                    "skipped": chosen.skipped})  # fmt: skip
    say(f"{len(done.replayed)} replayed; Herald publishes the answers to the reply topics.")
    if done.refused:
        fail(f"{len(done.refused)} are open again: Kafka finds them, or one before them, too large.")


def _replay(settings: Settings, order: ReplayOrder) -> Replayed:
    try:
        return run(_with_progress(settings, order))
    except KeyboardInterrupt:
        fail(f"Stopped. {GOES_ON}")


async def _with_progress(settings: Settings, order: ReplayOrder) -> Replayed:
    with ProgressBar() as progress:
        return await replay_dead_letters(settings, order, progress)
