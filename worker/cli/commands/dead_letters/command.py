"""`herald dead-letters`: list, show, replay, discard and settle what waits for a person."""

from __future__ import annotations

from typing import Annotated

import asyncpg
import typer

from worker.admin.obstacles import to_discard, to_replay
from worker.admin.replay import unfinished
from worker.admin.settlement import Asked
from worker.cli.commands.dead_letters.choice import Judged, candidates, free_of, tell
from worker.cli.commands.dead_letters.options import (
    All,
    By,
    Code,
    DryRun,
    Ids,
    Limit,
    Operation,
    PerhapsWhy,
    Signer,
    Since,
    System,
    Until,
    Why,
    selection,
    some_filter,
    stated,
)
from worker.cli.commands.dead_letters.replay import Order
from worker.cli.commands.dead_letters.replay import replay as run_replay
from worker.cli.commands.dead_letters.settle import reply_shown
from worker.cli.commands.dead_letters.settle import settle as run_settle
from worker.cli.commands.dead_letters.tables import print_list, print_one, skipped, without_record
from worker.cli.configuration import Config, settings_of
from worker.cli.journal_access import ask
from worker.cli.output import AsJson, fail, print_json, say
from worker.journal import queries, replays
from worker.journal.acts import acts_of
from worker.journal.claims import LetterState
from worker.journal.views import Act, DeadLetterRow, SubmissionRow
from worker.pipeline.settling import Verdict
from worker.systems.registry import recovery_rules

app = typer.Typer(no_args_is_help=True, help="What waits for a person: replay it, settle it, or discard it.")


@app.command(name="list")
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
    rows = ask(settings_of(config).journal, lambda c: queries.list_dead_letters(c, wanted, limit))
    if as_json:
        print_json([without_record(row) for row in rows])
    else:
        print_list(rows)


@app.command()
def show(
    dead_letter_id: Annotated[str, typer.Argument(metavar="ID", help="The dead letter's id.")],
    config: Config = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter: why it died, how its submission stands, who did what about it."""
    row, submission, acts = ask(settings_of(config).journal, lambda c: _shown(c, dead_letter_id))
    if as_json:
        print_json({"dead_letter": without_record(row), "submission": submission, "acts": acts})
    else:
        print_one(row, submission, acts)


@app.command()
def replay(
    ids: Ids = None,
    config: Config = None,
    *,
    code: Code = None,
    system: System = None,
    operation: Operation = None,
    signer: Signer = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    everything: All = False,
    max_replays: Annotated[
        int, typer.Option(min=1, help="Leave alone what was replayed as often as this.")
    ] = 3,
    reason: PerhapsWhy = None,
    by: By,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Publish dead letters again where they came from, in order. What was accepted is never sent again."""
    filters = some_filter(
        code=code, system=system, operation=operation, signer=signer, since=since, until=until
    )
    chosen = selection(ids, filters, everything=everything)
    settings = settings_of(config)
    rules = recovery_rules(settings.systems.sections())
    judged: Judged = [
        (one, to_replay(one, rules.get((one.system, one.operation or "")), max_replays=max_replays))
        for one in candidates(settings, chosen)
    ]
    free = free_of(judged, limit)
    tell(judged, free, "replay", by_id=bool(ids), dry_run=dry_run, as_json=as_json)
    if dry_run:
        if begun := ask(settings.journal, unfinished):
            say(f"Before these, {len(begun)} that an earlier replay had begun would be finished.")
        return
    done = run_replay(settings, Order([one.id for one in free], by, reason))
    if as_json:
        print_json({"replayed": done.replayed, "finished": done.finished, "refused": done.refused,
                    "skipped": skipped(judged)})  # fmt: skip
    say(f"{len(done.replayed)} replayed; the answers come on the reply topics.")
    if done.refused:
        fail(f"{len(done.refused)} are open again: Kafka finds them, or one before them, too large.")


@app.command()
def discard(
    ids: Ids = None,
    config: Config = None,
    *,
    reason: Why,
    code: Code = None,
    system: System = None,
    operation: Operation = None,
    signer: Signer = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    everything: All = False,
    by: By,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put dead letters away for good: they are not replayed any more. Their replies stay as they are."""
    filters = some_filter(
        code=code, system=system, operation=operation, signer=signer, since=since, until=until
    )
    chosen = selection(ids, filters, everything=everything)
    settings = settings_of(config)
    judged: Judged = [(one, to_discard(one)) for one in candidates(settings, chosen)]
    free = free_of(judged, limit)
    tell(judged, free, "discard", by_id=bool(ids), dry_run=dry_run, as_json=as_json)
    if dry_run:
        return
    names = [one.id for one in free]
    done = ask(settings.journal, lambda c: replays.discard(c, names, who=by, reason=reason))
    if as_json:
        print_json({"discarded": done, "skipped": skipped(judged)})
    say(f"{len(done)} discarded.")


@app.command()
def settle(
    dead_letter_id: Annotated[str, typer.Argument(metavar="ID", help="The dead letter's id.")],
    config: Config = None,
    *,
    verdict: Annotated[
        Verdict,
        typer.Option("--as", help="What was found in the national system: it is there, or it is not."),
    ],
    reason: Why,
    nrn: Annotated[
        str | None,
        typer.Option(help="The number that it has there, where the system gives one; with --as accepted."),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="More of the accepted reply's data, as status=1 or reference=2025/17; repeatable.",
        ),
    ] = None,
    by: By,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """State what a person found about a held submission; this publishes its next revision."""
    asked = Asked(dead_letter_id, stated(verdict, nrn, data or []), who=by, reason=reason)
    settlement = run_settle(settings_of(config), asked, dry_run=dry_run)
    if as_json or dry_run:
        print_json(
            {"settled": not dry_run, "repeated": settlement.repeated, "reply": reply_shown(settlement)}
        )
    if dry_run:
        say("Nothing was changed.")
    elif settlement.repeated:
        say("It was settled so before: its reply is published once more.")
    elif verdict is Verdict.NOT_SENT:
        say("Settled as not sent. `herald dead-letters replay` sends it.")
    else:
        say("Settled as accepted.")


async def _shown(
    connection: asyncpg.Connection, dead_letter_id: str
) -> tuple[DeadLetterRow, SubmissionRow | None, list[Act]]:
    row = await queries.dead_letter(connection, dead_letter_id)
    if row is None:
        fail(f"The journal has no dead letter {dead_letter_id}.")
    found = []
    if row.source is not None and row.submission_id is not None:
        found = await queries.show(connection, row.submission_id, row.source)
    return row, found[0].submission if found else None, await acts_of(connection, dead_letter_id)
