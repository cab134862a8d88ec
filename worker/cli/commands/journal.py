"""`herald journal`: the journal's tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from contracts.counted import counted
from worker.admin.retention import Retention, preview_prune
from worker.admin.retention import prune as prune_journal
from worker.admin.tables import migrate_journal
from worker.cli.access import Config, run, settings_of
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, say

app = typer.Typer(no_args_is_help=True, help="The journal's tables.")


@app.command()
def migrate(config: Config = None) -> None:
    """Create or update the journal's tables for this version; a second run does nothing."""
    for name in run(migrate_journal(settings_of(config).journal)):
        say(f"applied {name}")
    say("The journal's tables are up to date.")


@app.command()
def prune(
    config: Config = None,
    *,
    evidence_days: Annotated[
        int,
        typer.Option(
            min=1, help="Remove requests and answers of submissions that ended more than this many days ago."
        ),
    ],
    reply_days: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Replace older replies by a summary; by default after as many days as the evidence.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count; remove nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove old requests, answers and replies. Identity and outcome are kept, so nothing is ever sent again.

    It may run while workers run, and may be interrupted at any time. Open dead letters keep all data.
    """
    try:
        retention = Retention(evidence_days, evidence_days if reply_days is None else reply_days)
    except ValueError as error:
        fail(f"--reply-days: {error}.", WRONG_USE)
    act = preview_prune if dry_run else prune_journal
    pruned = run(act(settings_of(config).journal, retention, datetime.now(UTC)))
    if as_json:
        print_json(pruned)
    removed, summarized = ("Would remove", "summarize") if dry_run else ("Removed", "summarized")
    replies = counted(pruned.replies, "reply", "replies")
    say(
        f"{removed} the evidence of {counted(pruned.evidence, 'submission')} and the values of "
        f"{counted(pruned.dead_letters, 'dead letter')}, and {summarized} {replies}."
    )
    if pruned.unreadable:
        fail(
            f"{counted(pruned.unreadable, 'stored reply', 'stored replies')} cannot be read, and "
            f"{'stays' if pruned.unreadable == 1 else 'stay'} complete; see the log."
        )
