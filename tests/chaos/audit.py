"""The audit: holds what a run left behind against what the guarantees promise. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos import audit_journal, audit_ledger
from tests.chaos.egov import audit as audit_egov
from tests.chaos.evidence import Evidence
from tests.chaos.finding import Count, Finding
from tests.chaos.letters import audit as audit_letters


def audit(evidence: Evidence) -> list[Finding]:
    """Return everything that is wrong; nothing, where all promises were kept."""
    return [
        *_lost(evidence),
        *_answered_twice(evidence),
        *_copied(evidence),
        *_bad_events(evidence),
        *audit_ledger.findings(evidence),
        *audit_journal.findings(evidence),
        *audit_egov.findings(evidence),
        *audit_letters.findings(evidence),
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


def _copied(evidence: Evidence) -> Iterator[Finding]:
    """Report what was published again because its record was read again, though Kafka had acknowledged it before.

    When the offsets are set back, all records are committed and no worker runs: every acknowledgement is noted. During
    the faults a crash may cause a copy, which is counted and is no finding.
    """
    told = [(f"{reply.submission} ({reply.revision})", reply.at) for reply in evidence.replies]
    told += [(f"dead letter {letter.id}", letter.at) for letter in evidence.dead_letters]
    first: dict[str, float] = {}
    for name, at in sorted(told, key=lambda one: one[1]):
        before = first.setdefault(name, at)
        if any(before < rewind <= at for rewind in evidence.rewinds):
            yield Finding(Count.COPIED, name, "published again after the offsets were set back")


def copies(evidence: Evidence) -> int:
    """Return how many replies were published beyond one for each record that asks for it."""
    asked = Counter(one.submission for one in evidence.sent if one.bad != "conflict")
    given = Counter(reply.submission for reply in evidence.replies)
    return sum(max(given[name] - max(asked[name], 1), 0) for name in given)


def _cut_short(evidence: Evidence) -> Iterator[Finding]:
    """Report a run that did not come to its end: its zero counts say nothing about what was left to do."""
    if evidence.cut_short:
        yield Finding(Count.DISAGREEMENTS, "the run", "the time was over before all was read and read again")


def _bad_events(evidence: Evidence) -> Iterator[Finding]:
    """Compare every bad event with its dead letter, which names where its record lies."""
    by_place = defaultdict(list)
    for letter in evidence.dead_letters:
        by_place[letter.system, letter.partition, letter.offset].append(letter)
    for sent in evidence.sent:
        if sent.bad is None:
            continue
        reasons = {letter.reason for letter in by_place[sent.system, sent.partition, sent.offset]}
        name = sent.submission or f"record {sent.partition}/{sent.offset}"
        if not reasons:
            yield Finding(Count.LOST, name, f"a bad event without a dead letter; it should say {sent.bad}")
        elif reasons != {sent.bad}:
            text = f"its dead letter says {sorted(reasons)} instead of {sent.bad}"
            yield Finding(Count.DISAGREEMENTS, name, text)
