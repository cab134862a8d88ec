"""The audit: holds what a run left behind against what the guarantees promise. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos import audit_journal, audit_ledger
from tests.chaos.evidence import Evidence
from tests.chaos.finding import Count, Finding


def audit(evidence: Evidence) -> list[Finding]:
    """Return everything that is wrong; nothing, where all promises were kept."""
    return [
        *_lost(evidence),
        *_answered_twice(evidence),
        *_bad_events(evidence),
        *audit_ledger.findings(evidence),
        *audit_journal.findings(evidence),
        *(Finding(Count.DISAGREEMENTS, "a worker", surprise) for surprise in evidence.surprises),
        *_cut_short(evidence),
    ]


def owed(evidence: Evidence) -> set[str]:
    """Return the submissions that must be answered, including those that were not published."""
    sent = {one.submission for one in evidence.sent if one.answerable and one.submission is not None}
    return sent | evidence.planned


def answered(evidence: Evidence) -> set[str]:
    """Return the submissions that were answered."""
    return owed(evidence) & {reply.submission for reply in evidence.replies}


def held(evidence: Evidence) -> set[str]:
    """Return the submissions that wait for a person."""
    return {name for name, reply in evidence.final().items() if reply.kind == "held"}


def _lost(evidence: Evidence) -> Iterator[Finding]:
    for name in sorted(owed(evidence) - answered(evidence)):
        row = next((row for row in evidence.rows if row.submission == name), None)
        place = next(((s.partition, s.offset) for s in evidence.sent if s.submission == name), None)
        where = f"{row.state} in the journal" if row else "not in the journal"
        lies = f"partition and offset {place}" if place else "never published"
        yield Finding(Count.LOST, name, f"no reply; {where}; {lies}")


def _answered_twice(evidence: Evidence) -> Iterator[Finding]:
    said = defaultdict(set)
    for reply in evidence.replies:
        said[reply.submission, reply.revision].add((reply.kind, reply.said))
    for (name, revision), replies in sorted(said.items()):
        if len(replies) > 1:
            kinds = sorted(kind for kind, _ in replies)
            yield Finding(
                Count.ANSWERED_TWICE, name, f"{len(replies)} distinct replies of revision {revision}: {kinds}"
            )
    for name in sorted({reply.submission for reply in evidence.replies} - owed(evidence)):
        yield Finding(Count.DISAGREEMENTS, name, "a reply to what nobody published")


def _cut_short(evidence: Evidence) -> Iterator[Finding]:
    """Report a run that did not come to its end: its zero counts say nothing about what was left to do."""
    if evidence.cut_short:
        yield Finding(Count.DISAGREEMENTS, "the run", "the time was over before all was read and read again")


def _bad_events(evidence: Evidence) -> Iterator[Finding]:
    """Compare every bad event with its dead letter, which names where its record lies."""
    by_place = defaultdict(list)
    for letter in evidence.dead_letters:
        by_place[letter.partition, letter.offset].append(letter)
    for sent in evidence.sent:
        if sent.bad is None:
            continue
        reasons = {letter.reason for letter in by_place[sent.partition, sent.offset]}
        name = sent.submission or f"record {sent.partition}/{sent.offset}"
        if not reasons:
            yield Finding(Count.LOST, name, f"a bad event without a dead letter; it should say {sent.bad}")
        elif reasons != {sent.bad}:
            text = f"its dead letter says {sorted(reasons)} instead of {sent.bad}"
            yield Finding(Count.DISAGREEMENTS, name, text)
