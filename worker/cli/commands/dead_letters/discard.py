"""`herald dead-letters discard`."""

from __future__ import annotations

from worker.admin.discard import discard_dead_letters, select_for_discard
from worker.cli.access import Config, run, settings_of
from worker.cli.commands.dead_letters.options import (
    All,
    By,
    Code,
    DryRun,
    Ids,
    Limit,
    Operation,
    Signer,
    Since,
    System,
    Until,
    Why,
    selection,
    some_filter,
)
from worker.cli.commands.dead_letters.tables import show_selection
from worker.cli.output import AsJson, print_json, say


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
    wanted = selection(ids, filters, everything=everything)
    journal = settings_of(config).journal
    chosen = run(select_for_discard(journal, wanted, limit=limit))
    show_selection(chosen, "discard", by_id=bool(ids), dry_run=dry_run, as_json=as_json)
    if dry_run:
        return
    done = run(discard_dead_letters(journal, chosen.ids, who=by, reason=reason))
    if as_json:
        print_json({"discarded": done.ids, "skipped": chosen.skipped})
    say(f"{len(done.ids)} discarded.")
