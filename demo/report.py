"""What the demo shows at its end: the table of submissions, the dead letters, the verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from contracts.reasons import ADVICE, Reason
from demo.acts import ACCEPTED, FAILED, HELD, REJECTED
from demo.production import Told
from demo.stage import LETTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rich.console import Console

    from demo.acts import Act
    from demo.played import Answer, Played
    from demo.production import Production

COLUMNS = {
    "submission": 12,
    "operation": 11,
    "about": 8,
    "outcome": 9,
    "result or error": 18,
    "tries": 5,
    "s": 4,
}
"""Characters each; with the gaps they fit a terminal of 80."""
GAP = 2
LEAST_NOTE = 40
"""Where less is left for the note, it stands on a line of its own."""
_COLOURS = {ACCEPTED: "green", REJECTED: "yellow", FAILED: "red", HELD: "magenta"}


@dataclass(frozen=True, slots=True)
class Timing:
    """How one submission went, by the journal: attempts, and when it was taken and done."""

    attempts: int
    received: datetime
    finished: datetime | None

    @property
    def seconds(self) -> float | None:
        """From taking the record to its durable end."""
        return (self.finished - self.received).total_seconds() if self.finished else None


def summary(
    played: Played, registered: Mapping[str, str], mismatches: Sequence[str], seconds: float
) -> dict[str, Any]:
    """Return the demo's JSON document.

    `failed` counts failed and held replies: neither is an answer of the system's. `registered` is what each
    system's ledger holds, in words.
    """
    kinds = Counter(answer.kind for act in played.acts if (answer := played.answer(act)))
    return {
        "submissions": len(played.acts),
        "accepted": kinds[ACCEPTED],
        "rejected": kinds[REJECTED],
        "failed": kinds[FAILED] + kinds[HELD],
        "dead_letters": sum(map(len, played.dead_letters.values())),
        "registered": dict(registered),
        "mismatches": list(mismatches),
        "seconds": round(seconds, 1),
    }


def show_submissions(
    console: Console, production: Production, played: Played, timings: Mapping[str, Timing]
) -> None:
    """Print a line for each submission to a system, and its note beside it or below."""
    console.print(Text(f"\n{production.title}", "bold"))
    room = console.width - sum(COLUMNS.values()) - GAP * len(COLUMNS)
    beside = room >= LEAST_NOTE
    table = _table(room if beside else None)
    table.add_row(*(Text(name, "bold") for name in (*COLUMNS, "what happened")[: len(table.columns)]))
    for act in played.of(production.system):
        cells, note = _cells(act, production, played.answer(act), timings.get(act.id))
        if beside:
            table.add_row(*cells, note)
            continue
        table.add_row(*cells)
        if note:
            console.print(table)
            console.print(Padding(Text(note, "dim"), (0, 0, 0, 4)))
            table = _table(None)
    console.print(table)


def _table(room: int | None) -> Table:
    table = Table.grid(padding=(0, GAP, 0, 0))
    for name, width in COLUMNS.items():
        table.add_column(width=width, no_wrap=True, justify="right" if name in {"tries", "s"} else "left")
    if room is not None:
        table.add_column(width=room)
    return table


def _cells(
    act: Act, production: Production, answer: Answer | None, timing: Timing | None
) -> tuple[tuple[Text, ...], str]:
    kind = answer.kind if answer else "no answer"
    told = _told(production, answer)
    seconds = timing.seconds if timing else None
    cells = (
        Text(act.id),
        Text(production.name_of(act.operation)),
        Text(act.key.rpartition("-")[2]),
        Text(kind, _COLOURS.get(kind, "red")),
        Text(told.short),
        Text(str(timing.attempts) if timing else "-"),
        Text("-" if seconds is None else f"{seconds:.1f}"),
    )
    return cells, "; ".join(filter(None, (act.note, *told.long)))


def _told(production: Production, answer: Answer | None) -> Told:
    if answer is None:
        return Told("-")
    if answer.kind in {ACCEPTED, REJECTED}:
        return production.told(answer)
    paths = [problem["path"] for problem in answer.data.get("problems", ())]
    return Told(answer.data["code"], (", ".join(path.removeprefix("$.data.") for path in paths),))


def show_dead_letters(console: Console, played: Played) -> None:
    """Print where the dead letters are, and for each why, and what to do."""
    letters = [(name, one) for name, several in played.dead_letters.items() for one in several]
    where = (
        f"{len(letters)} in the topics herald.<system>{LETTERS}, each the record as it came, with headers that "
        "say why."
    )
    console.print(Text.assemble(("\nDead letters: ", "bold"), where))
    table = Table.grid(padding=(0, GAP, 0, 0))
    for name, headers in sorted(letters, key=lambda one: one[0]):
        reason = headers.get("herald-reason", "")
        table.add_row(f"  {name}", Text(reason, "red"), _advice(reason))
    console.print(table)


def _advice(reason: str) -> str:
    return ADVICE[Reason(reason)] if reason in set(Reason) else "This reason is unknown."


def show_verdict(console: Console, document: Mapping[str, Any], titles: Mapping[str, str]) -> None:
    """Print the sums, and whether all is as it must be."""
    holds = "; ".join(f"{titles[system]} {what}" for system, what in document["registered"].items())
    console.print(
        f"\n{document['submissions']} submissions: {document['accepted']} accepted, "
        f"{document['rejected']} rejected, {document['failed']} failed or held. {document['seconds']} s.",
        highlight=False,
    )
    console.print(f"In the ledgers: {holds}.", highlight=False)
    for mismatch in document["mismatches"]:
        console.print(Text(f"Not as expected: {mismatch}", "red"))
    if not document["mismatches"]:
        console.print(
            Text("Every outcome is the expected one, and the systems' ledgers say the same.", "green")
        )
