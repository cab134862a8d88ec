"""What `herald dead-letters` shows: lists, one in full, and what an act would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from worker.admin.histogram import Bar
from worker.admin.obstacles import Obstacle
from worker.admin.views import Act, Candidate, DeadLetterRow, SubmissionRow
from worker.cli.output import print_table, say

_LIST = ("dead letter", "died (UTC)", "reason", "operation", "signer", "submission", "state", "replays")
_BARS = ("reason", "operation", "signer", "count", "oldest (UTC)", "newest (UTC)")
_ACTS = ("when (UTC)", "who", "did", "why", "details")


@dataclass(frozen=True, slots=True)
class Skipped:
    """A dead letter that an act leaves alone, and why."""

    id: str
    why: str


def skipped(pairs: Iterable[tuple[Candidate, Obstacle | None]]) -> list[Skipped]:
    """Return those that something is in the way of."""
    return [Skipped(letter.id, obstacle.value) for letter, obstacle in pairs if obstacle]


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


def print_one(row: DeadLetterRow, submission: SubmissionRow | None, acts: Sequence[Act]) -> None:
    """Print one dead letter, how its submission stands, and what was done."""
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
    if acts:
        print_table(_ACTS, ((one.at, one.who, one.act, one.reason, _told(one)) for one in acts))


def print_bars(bars: Sequence[Bar]) -> None:
    """Print a histogram."""
    print_table(
        _BARS, ((bar.reason, bar.operation, bar.signer, bar.count, bar.oldest, bar.newest) for bar in bars)
    )


def say_skipped(left: Sequence[Skipped], *, by_id: bool) -> None:
    """Say what is left alone: one by one where the ids were given, else how many for each cause."""
    if by_id:
        for one in left:
            say(f"left alone: {one.id}: {one.why}")
        return
    for why, count in Counter(one.why for one in left).most_common():
        say(f"left alone: {count}: {why}")


def _told(act: Act) -> str | None:
    return ", ".join(f"{name} {value}" for name, value in act.details.items()) or None


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
