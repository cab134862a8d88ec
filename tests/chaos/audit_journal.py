"""The journal against the topics: the same ends, the same dead letters, and nothing left open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.evidence import Evidence, Reply, Row
from tests.chaos.finding import Count, Finding

DEAD = ("failed", "held")
OPEN = ("outcome-unknown", "defect")
"""Reasons of what is held: nobody knows whether it was processed."""


def findings(evidence: Evidence) -> Iterator[Finding]:
    """Yield the submissions of which the journal and the topics disagree."""
    final = evidence.final()
    letters = {letter.id: letter.reason for letter in evidence.dead_letters}
    rows = {row.submission: row for row in evidence.rows}
    for name, reply in sorted(final.items()):
        row = rows.get(name)
        if row is None:
            yield Finding(Count.DISAGREEMENTS, name, "answered, and not in the journal")
        else:
            yield from _row(row, reply)
        yield from _dead_letter(reply, row, letters, evidence.kept)
    for row in evidence.rows:
        if row.submission not in final and row.state not in ("claimed", "sending"):
            yield Finding(
                Count.DISAGREEMENTS, row.submission, f"{row.state} in the journal, and not answered"
            )
    yield from _letters(evidence)


def _row(row: Row, reply: Reply) -> Iterator[Finding]:
    if (row.state, row.revision) != (reply.kind, reply.revision):
        text = f"the reply says {reply.kind} ({reply.revision}), the journal {row.state} ({row.revision})"
        yield Finding(Count.DISAGREEMENTS, row.submission, text)
    if not row.answered:
        text = "the journal does not know that its reply was acknowledged"
        yield Finding(Count.DISAGREEMENTS, row.submission, text)


def _dead_letter(
    reply: Reply, row: Row | None, letters: dict[str, str], kept: dict[str, str]
) -> Iterator[Finding]:
    """Every failed or held submission is a dead letter: named by the reply, in its topic, and in the journal."""
    name, dead = reply.submission, reply.dead_letter
    if reply.kind not in DEAD:
        if dead is not None:
            yield Finding(Count.DISAGREEMENTS, name, f"{reply.kind}, and a dead letter {dead}")
        return
    if dead is None:
        yield Finding(Count.DISAGREEMENTS, name, f"{reply.kind}, and its reply names no dead letter")
        return
    for where, there in (
        ("in its topic", dead in letters),
        ("in the journal", dead in kept),
        ("in the journal's row", row is None or row.dead_letter == dead),
    ):
        if not there:
            yield Finding(Count.DISAGREEMENTS, name, f"{reply.kind}, and dead letter {dead} is not {where}")
    if reply.kind == "held" and letters.get(dead, "outcome-unknown") not in OPEN:
        yield Finding(Count.DISAGREEMENTS, name, f"held, and its dead letter says {letters[dead]}")


def _letters(evidence: Evidence) -> Iterator[Finding]:
    """Repeats of a dead letter are the same bytes; and the journal keeps each."""
    said = defaultdict(set)
    for letter in evidence.dead_letters:
        said[letter.id].add(letter.said)
    for name, different in sorted(said.items()):
        if len(different) > 1:
            yield Finding(Count.DISAGREEMENTS, f"dead letter {name}", f"{len(different)} distinct contents")
        if name not in evidence.kept:
            yield Finding(Count.DISAGREEMENTS, f"dead letter {name}", "in its topic, and not in the journal")
