"""What the demo shows at its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table

from herald.demo.acts import ACCEPTED, FAILED, HELD, REJECTED
from herald.demo.play import DEAD_LETTERS, outcome_of

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from herald.demo.play import Played

_COLOURS = {ACCEPTED: "green", REJECTED: "yellow", FAILED: "red", HELD: "magenta"}


@dataclass(frozen=True, slots=True)
class Timing:
    """How one submission went, by the journal: attempts, and seconds from the record to the end."""

    attempts: int
    received: datetime
    finished: datetime | None

    @property
    def seconds(self) -> float | None:
        """From taking the record to its durable end."""
        return (self.finished - self.received).total_seconds() if self.finished else None


def summary(played: Played, ledger: dict[str, Any], mismatches: list[str], seconds: float) -> dict[str, Any]:
    """Return the demo's JSON document. `failed` counts failed and held replies: neither is an answer of NHIS's."""
    kinds = Counter(answers[0].kind for act in played.acts if (answers := played.answers[act.id]))
    return {
        "submissions": len(played.acts),
        "accepted": kinds[ACCEPTED],
        "rejected": kinds[REJECTED],
        "failed": kinds[FAILED] + kinds[HELD],
        "dead_letters": sum(map(len, played.dead_letters.values())),
        "registered_by_nhis": len(ledger["registrations"]),
        "mismatches": mismatches,
        "seconds": round(seconds, 1),
    }


def show(console: Console, played: Played, timings: dict[str, Timing]) -> None:
    """Print the table of submissions and the dead letters."""
    table = Table(
        "submission",
        "operation",
        "patient",
        "outcome",
        "NRN or why not",
        "tries",
        "s",
        "what happened",
        box=None,
    )
    for act in played.acts:
        answers, timing = played.answers[act.id], timings.get(act.id)
        kind = answers[0].kind if answers else "no answer"
        seconds = timing.seconds if timing else None
        table.add_row(
            act.id,
            act.operation,
            act.patient.pseudonym,
            f"[{_COLOURS.get(kind, 'red')}]{kind}[/]",
            outcome_of(answers[0]) if answers else "",
            str(timing.attempts) if timing else "-",
            "-" if seconds is None else f"{seconds:.1f}",
            act.note,
        )
    console.print(table)
    console.print(
        f"\n[bold]Dead letters[/] are in the topic {DEAD_LETTERS}, each with the record as it came:"
    )
    for name, letters in played.dead_letters.items():
        for headers in letters:
            console.print(
                f"  {name}: [red]{headers['herald-reason']}[/] ({headers['herald-dead-letter-id']})"
            )
