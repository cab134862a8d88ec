"""`herald journal`: the journal's tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from worker.admin.retention import Retention, preview_prune
from worker.admin.retention import prune as prune_journal
from worker.admin.tables import migrate_journal
from worker.admin.topic_retention import why_not_forget
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
        int | None,
        typer.Option(
            min=1,
            help="Remove requests and answers of submissions that ended more than this many days ago; by default as"
            " the settings say (journal.retention).",
        ),
    ] = None,
    reply_days: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Replace older replies by a summary; by default after as many days as the evidence.",
        ),
    ] = None,
    identity_days: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Forget older submissions, so that a duplicate of one is sent again; by default none is forgotten."
            " It must be longer than the submissions topics keep their records.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count; remove nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove old requests, answers and replies. Identity and outcome stay, so nothing is sent again.

    It may run while workers run, and may be interrupted at any time. Open dead letters, held submissions and those
    whose reply Kafka has not acknowledged keep all data.
    """
    settings = settings_of(config)
    evidence = evidence_days or settings.journal.retention.evidence_days
    replies = reply_days or (settings.journal.retention.replies if evidence_days is None else evidence)
    try:
        retention = Retention(evidence, replies, identity_days)
    except ValueError as error:
        fail(f"{'--reply-days' if replies < evidence else '--identity-days'}: {error}.", WRONG_USE)
    if identity_days and (why_not := run(why_not_forget(settings, identity_days))):
        fail(f"No submission may be forgotten: {why_not}. Nothing was removed.")
    act = preview_prune if dry_run else prune_journal
    pruned = run(act(settings.journal, retention, datetime.now(UTC)))
    if as_json:
        print_json(pruned)
    removed, summarized = ("Would remove", "summarize") if dry_run else ("Removed", "summarized")
    say(
        f"{removed} the evidence of {pruned.evidence} submissions and the values of {pruned.dead_letters} "
        f"dead letters, and {summarized} {pruned.replies} replies."
    )
    if identity_days:
        say(f"{'Would forget' if dry_run else 'Forgot'} {pruned.identities} submissions.")
    if pruned.unreadable:
        fail(f"{pruned.unreadable} stored replies cannot be read, and stay complete; the log names them.")
