"""`herald journal`: the journal's tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from contracts.counted import counted
from worker.admin.erasure import erase as erase_evidence
from worker.admin.reencryption import reencrypt as reencrypt_journal
from worker.admin.retention import Retention, preview_prune
from worker.admin.retention import prune as prune_journal
from worker.admin.tables import migrate_journal
from worker.admin.topic_retention import why_not_forget
from worker.cli.access import Config, not_empty, run, settings_of
from worker.cli.commands.dead_letters.options import key_bytes
from worker.cli.commands.journal.reconcile import reconcile
from worker.cli.operator import By, Why
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, say

app = typer.Typer(
    no_args_is_help=True, help="The journal's tables: create, prune, erase, encrypt, reconcile."
)
app.command()(reconcile)


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

    Days are whole days of UTC. It may run while workers run, and may be interrupted at any time. Open dead letters,
    held submissions and those whose reply Kafka has not acknowledged keep all data.
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
    pruned = run(act(settings.journal, retention, datetime.now(UTC), settings.systems.all_configured()))
    if as_json:
        print_json(pruned)
    removed, summarized = ("Would remove", "summarize") if dry_run else ("Removed", "summarized")
    of_replies = counted(pruned.replies, "reply", "replies")
    say(
        f"{removed} the evidence of {counted(pruned.evidence, 'submission')} and the values of "
        f"{counted(pruned.dead_letters, 'dead letter')}, and {summarized} {of_replies}."
    )
    if pruned.files:
        say(f"{removed} {counted(pruned.files, 'file')}.")
    if pruned.notifications:
        say(f"{removed} the values of {counted(pruned.notifications, 'notification')}.")
    if pruned.days:
        still_needed = counted(pruned.kept, "submission")
        say(
            f"Dropped {counted(pruned.days, 'day')} of evidence; that of {still_needed} is still needed and kept."
        )
    if pruned.postponed:
        days = counted(pruned.postponed, "day")
        say(
            f"Evidence of {days} stays: another transaction, such as a backup, uses its tables. Run this again later."
        )
    if identity_days:
        say(f"{'Would forget' if dry_run else 'Forgot'} {counted(pruned.identities, 'submission')}.")
    if pruned.unreadable:
        fail(
            f"{counted(pruned.unreadable, 'stored reply', 'stored replies')} cannot be read, and "
            f"{'stays' if pruned.unreadable == 1 else 'stay'} complete; see the log."
        )


@app.command()
def erase(
    config: Config = None,
    *,
    key: Annotated[
        str,
        typer.Option(
            callback=not_empty,
            help="The Kafka key of the records, the patient's. - reads it from stdin, so that no process shows it.",
        ),
    ],
    by: By,
    reason: Why,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Erase also what waits for a person's decision; it cannot be replayed then."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count; erase nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase one patient's messages, answers, replies and dead letters' records from the journal.

    Identity and outcome stay, so nothing is sent twice. Nothing is erased while something of the key is in progress.
    """
    settings = settings_of(config)
    act = erase_evidence(
        settings.journal, key_bytes(key), who=by, reason=reason, force=force, dry_run=dry_run
    )
    erased = run(act)
    if as_json:
        print_json(erased)
    say(
        f"{'Would erase' if dry_run else 'Erased'} the evidence of {erased.submissions} submissions and "
        f"{erased.dead_letters} dead letters ({erased.discarded} of them open: discarded)."
    )
    if erased.files:
        say(f"The same of {counted(erased.files, 'file')}.")
    if erased.notifications:
        say(f"The same of {counted(erased.notifications, 'notification')}.")
    topics = [topic for name in settings.systems.configured() for topic in settings.routing_of(name).topics]
    say(
        "Not erased: the records in Kafka, which each topic deletes by its retention.ms "
        f"({', '.join(topics)}); backups of the database; the audit log; and what hospitals and systems keep."
    )


@app.command()
def reencrypt(config: Config = None, *, as_json: AsJson = False) -> None:
    """Encrypt with the active key what another key encrypted, or none. Workers may run meanwhile.

    Run it when all workers have the new active key; it may be interrupted at any time.
    """
    done = run(reencrypt_journal(settings_of(config).journal))
    if as_json:
        print_json(done)
    say(f"Encrypted {done.changed} rows anew.")
    for name in done.released:
        say(f"No record needs the key {name}: it may be removed from journal.encryption.keys.")
    if done.unreadable:
        fail(f"{done.unreadable} rows cannot be decrypted, and stay as they are.")
