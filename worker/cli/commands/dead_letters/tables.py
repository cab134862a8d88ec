"""What `herald dead-letters` shows: lists, totals, one in full, and what an act would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from contracts.counted import counted
from worker.admin.audit_log import AuditEntry
from worker.admin.dead_letters import DeadLetterDetail
from worker.admin.histogram import Bar
from worker.admin.selection import Selection, Skipped
from worker.admin.summary import DIMENSIONS, Summary
from worker.admin.views import DeadLetterRow
from worker.cli.output import print_json, print_table, say
from worker.cli.tables import ago, short_ids, when

_LIST = ("id", when("died"), "reason", "operation", "signer", "state", "submission", "source", "replays")
_SPARE = ("replays", "source", "submission", "signer")
_BARS = ("reason", "operation", "signer", "count", when("oldest"), when("newest"))
_ACTS = ("when (UTC)", "who", "did", "why", "details")
_MOST_TOTALS = 20
"""Lines of one kind of totals in a summary; `--json` has them all."""


def print_list(rows: Sequence[DeadLetterRow]) -> None:
    """Print dead letters, one a line."""
    now, short = datetime.now(UTC), short_ids([row.id for row in rows])
    lines = (
        (
            short(row.id),
            ago(row.created_at, now),
            row.reason,
            row.operation,
            row.signer,
            row.state,
            row.submission_id,
            row.source,
            row.replay_count,
        )
        for row in rows
    )
    print_table(_LIST, lines, spare=_SPARE)


def print_summary(found: Summary) -> None:
    """Print the totals, a table for each kind."""
    now = datetime.now(UTC)
    for number, name in enumerate(DIMENSIONS):
        totals = found.by[name]
        lines = ((one.value, one.count, ago(one.oldest, now), ago(one.newest, now)) for one in totals)
        shown = list(lines)[:_MOST_TOTALS]
        print_table((name, "count", when("oldest"), when("newest")), shown, below=number > 0)
        if len(totals) > len(shown):
            say(f"{len(shown)} of {len(totals)} of {name}; --json gives all.")
    say(f"{counted(found.total, 'dead letter')}.")


def print_one(found: DeadLetterDetail) -> None:
    """Print one dead letter, the state of its submission, and what was done about it."""
    row, submission = found.letter, found.submission
    stands = f"{submission.state}, revision {submission.revision}" if submission else None
    came_from = f"{row.origin_topic}, partition {row.origin_partition}, offset {row.origin_offset}"
    print_table(
        ("", ""),
        (
            ("dead letter", row.id),
            ("state", row.state),
            ("reason", row.reason),
            ("detail", row.detail),
            ("system", row.system),
            ("operation", row.operation),
            ("signer", row.signer),
            ("source", row.source),
            ("submission", row.submission_id),
            ("its submission now", stands),
            ("died (UTC)", row.created_at),
            ("came from", came_from),
            ("topic", row.topic),
            ("replays", row.replay_count),
            ("value", f"removed by retention {row.removed_at:%Y-%m-%d}" if row.removed_at else "kept"),
        ),
    )
    if found.audit:
        print_table(
            _ACTS, ((one.at, one.who, one.act, one.reason, _told(one)) for one in found.audit), below=True
        )


def show_selection(chosen: Selection, act: str, *, by_id: bool, dry_run: bool, as_json: bool) -> None:
    """Say which dead letters are left alone; in a dry run, show also what would be done."""
    if not as_json:
        _say_skipped(chosen.skipped, by_id=by_id)
    if not dry_run:
        return
    if as_json:
        print_json(
            {
                f"would_{act}": len(chosen.taken),
                "histogram": chosen.histogram,
                "skipped": chosen.skipped,
            }
        )
        return
    _print_bars(chosen.histogram)
    say(f"{len(chosen.taken)} to {act}. Nothing was changed.")


def _print_bars(bars: Sequence[Bar]) -> None:
    now = datetime.now(UTC)
    lines = (
        (bar.reason, bar.operation, bar.signer, bar.count, ago(bar.oldest, now), ago(bar.newest, now))
        for bar in bars
    )
    print_table(_BARS, lines)


def _say_skipped(left: Sequence[Skipped], *, by_id: bool) -> None:
    """Say it for each dead letter where ids were given, else how many there are for each cause."""
    if by_id:
        for one in left:
            say(f"skipped: {one.id}: {one.why}")
        return
    for why, count in Counter(one.why for one in left).most_common():
        say(f"skipped: {count}: {why}")


def _told(entry: AuditEntry) -> str | None:
    return ", ".join(f"{name} {value}" for name, value in entry.details.items()) or None


def entry_shown(entry: AuditEntry) -> dict[str, object]:
    """Return an entry of the audit log as programs read it."""
    return {
        "at": entry.at,
        "who": entry.who,
        "act": entry.act,
        "reason": entry.reason,
        "dead_letter_id": entry.dead_letter_id,
        "details": entry.details,
    }
