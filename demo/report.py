"""The demo's report: the table of submissions, the dead letters, the verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from contracts.counted import counted
from contracts.reasons import ADVICE, Reason
from demo.environment import LETTERS
from demo.scenario import Description
from demo.steps import ACCEPTED, FAILED, HELD, REJECTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rich.console import Console

    from demo.scenario import Scenario
    from demo.steps import Answer, Results, Step

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
"""If less room is left, the note has its own line."""
_COLOURS = {ACCEPTED: "green", REJECTED: "yellow", FAILED: "red", HELD: "magenta"}


@dataclass(frozen=True, slots=True)
class Timing:
    """One submission in the journal: its attempts, and when it was taken and done."""

    attempts: int
    received: datetime
    finished: datetime | None

    @property
    def seconds(self) -> float | None:
        """From taking the record to its durable end."""
        return (self.finished - self.received).total_seconds() if self.finished else None


def summary(
    results: Results, registered: Mapping[str, str], mismatches: Sequence[str], seconds: float
) -> dict[str, Any]:
    """Return the demo's JSON document.

    `failed` counts failed and held replies: neither is an answer of the system's. `registered` is what each
    system's ledger holds, in words.
    """
    kinds = Counter(answer.kind for step in results.steps if (answer := results.answer(step)))
    return {
        "submissions": len(results.steps),
        "accepted": kinds[ACCEPTED],
        "rejected": kinds[REJECTED],
        "failed": kinds[FAILED] + kinds[HELD],
        "dead_letters": sum(map(len, results.dead_letters.values())),
        "registered": dict(registered),
        "mismatches": list(mismatches),
        "seconds": round(seconds, 1),
    }


def show_submissions(
    console: Console, scenario: Scenario, results: Results, timings: Mapping[str, Timing]
) -> None:
    """Print a line for each submission to a system, and its note beside it or below."""
    console.print(Text(f"\n{scenario.title}", "bold"))
    room = console.width - sum(COLUMNS.values()) - GAP * len(COLUMNS)
    beside = room >= LEAST_NOTE
    table = _table(room if beside else None)
    table.add_row(*(Text(name, "bold") for name in (*COLUMNS, "what happened")[: len(table.columns)]))
    for step in results.of(scenario.system):
        cells, note = _cells(step, scenario, results.answer(step), timings.get(step.id))
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
    step: Step, scenario: Scenario, answer: Answer | None, timing: Timing | None
) -> tuple[tuple[Text, ...], str]:
    kind = answer.kind if answer else "no answer"
    described = _describe(scenario, answer)
    seconds = timing.seconds if timing else None
    cells = (
        Text(step.id),
        Text(scenario.name_of(step.operation)),
        Text(step.key.rpartition("-")[2]),
        Text(kind, _COLOURS.get(kind, "red")),
        Text(described.short),
        Text(str(timing.attempts) if timing else "-"),
        Text("-" if seconds is None else f"{seconds:.1f}"),
    )
    return cells, "; ".join(filter(None, (step.note, *described.long)))


def _describe(scenario: Scenario, answer: Answer | None) -> Description:
    if answer is None:
        return Description("-")
    if answer.kind in {ACCEPTED, REJECTED}:
        return scenario.describe(answer)
    paths = [problem["path"] for problem in answer.data.get("problems", ())]
    return Description(answer.data["code"], (", ".join(path.removeprefix("$.data.") for path in paths),))


def show_dead_letters(console: Console, results: Results) -> None:
    """Print where the dead letters are, and for each why, and what to do."""
    letters = [(name, one) for name, several in results.dead_letters.items() for one in several]
    where = (
        f"{len(letters)} in the topics herald.<system>{LETTERS}, each the original record, with headers that "
        "state the reason."
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
        f"\n{counted(document['submissions'], 'submission')}: {document['accepted']} accepted, "
        f"{document['rejected']} rejected, {document['failed']} failed or held. {document['seconds']} s.",
        highlight=False,
    )
    console.print(f"In the ledgers: {holds}.", highlight=False, soft_wrap=True)
    for mismatch in document["mismatches"]:
        console.print(Text(f"Not as expected: {mismatch}", "red"))
    if not document["mismatches"]:
        console.print(
            Text("Every outcome is the expected one, and the systems' ledgers say the same.", "green")
        )
