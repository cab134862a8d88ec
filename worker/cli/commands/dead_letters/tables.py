"""What `herald dead-letters` shows: lists, one in full, and what an act would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from worker.admin.audit_log import AuditEntry
from worker.admin.dead_letters import DeadLetterDetail
from worker.admin.histogram import Bar
from worker.admin.selection import Selection, Skipped
from worker.admin.views import DeadLetterRow
from worker.cli.output import print_json, print_table, say

_LIST = ("dead letter", "died (UTC)", "reason", "operation", "signer", "submission", "state", "replays")
_BARS = ("reason", "operation", "signer", "count", "oldest (UTC)", "newest (UTC)")
_ACTS = ("when (UTC)", "who", "did", "why", "details")


def print_list(rows: Iterable[DeadLetterRow]) -> None:
    """Print dead letters, one a line."""
    print_table(
        _LIST,
        (
            (
                row.id,
                row.created_at,
                row.reason,
                row.operation,
                row.signer,
                row.submission_id,
                row.state,
                row.replay_count,
            )
            for row in rows
        ),
    )


def print_one(found: DeadLetterDetail) -> None:
    """Print one dead letter, the state of its submission, and what was done about it."""
    row, submission = found.letter, found.submission
    stands = f"{submission.state}, revision {submission.revision}" if submission else None
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
            ("topic", row.event.topic),
            ("replays", row.replay_count),
            ("value", f"removed by retention {row.removed_at:%Y-%m-%d}" if row.removed_at else "kept"),
        ),
    )
    if found.audit:
        print_table(_ACTS, ((one.at, one.who, one.act, one.reason, _told(one)) for one in found.audit))


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
    print_table(
        _BARS, ((bar.reason, bar.operation, bar.signer, bar.count, bar.oldest, bar.newest) for bar in bars)
    )


def _say_skipped(left: Sequence[Skipped], *, by_id: bool) -> None:
    """Say it for each dead letter where ids were given, else how many there are for each cause."""
    if by_id:
        for one in left:
            say(f"left alone: {one.id}: {one.why}")
        return
    for why, count in Counter(one.why for one in left).most_common():
        say(f"left alone: {count}: {why}")


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


def without_record(row: DeadLetterRow) -> dict[str, object]:
    """Leave the record out, which holds health data: it is in the topic of dead letters."""
    return {
        "id": row.id,
        "reason": row.reason,
        "detail": row.detail,
        "system": row.system,
        "operation": row.operation,
        "signer": row.signer,
        "source": row.source,
        "submission_id": row.submission_id,
        "created_at": row.created_at,
        "state": row.state,
        "replay_count": row.replay_count,
        "topic": row.event.topic,
    }
