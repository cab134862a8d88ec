"""The national system's ledger against what was published and answered: once, in order, and as the replies say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from tests.chaos.evidence import Evidence, Reply, Request, Row
from tests.chaos.finding import Count, Finding
from tests.support.worker.hospital import CANCEL, REACTION, REGISTER

TYPES = {REGISTER: "I001", REACTION: "I005", CANCEL: "I011"}
"""The message that does what the operation asks for."""
AT_ONCE = 0.5
"""Seconds by which clocks of two processes' notes may differ in order."""


def findings(evidence: Evidence) -> Iterator[Finding]:
    """Yield what is wrong with the ledger, or with what reached the system."""
    final = evidence.final()
    rows = {row.submission: row for row in evidence.rows}
    yield from _twice(evidence)
    yield from _out_of_order(evidence, rows)
    yield from _registrations(evidence, final, rows)
    yield from _others(evidence, final, REACTION, Counter(evidence.reactions))
    yield from _others(evidence, final, CANCEL, Counter(evidence.cancellations))
    yield from _requests(evidence, final, rows)


def _twice(evidence: Evidence) -> Iterator[Finding]:
    by_identity = defaultdict(list)
    for one in evidence.registrations:
        by_identity[one.uin, one.lrn].append(one.nrn)
    for (_, lrn), nrns in by_identity.items():
        if len(nrns) > 1:
            yield Finding(Count.REGISTERED_TWICE, f"LRN {lrn}", f"registered as {nrns}")
    for what, done in (("reaction", evidence.reactions), ("cancellation", evidence.cancellations)):
        for nrn, times in Counter(done).items():
            if times > 1:
                yield Finding(Count.REGISTERED_TWICE, f"NRN {nrn}", f"{times} times a {what}")


def _out_of_order(evidence: Evidence, rows: Mapping[str, Row]) -> Iterator[Finding]:
    """Compare, for each patient, the ledger's order with that of publishing, among what is in both."""
    registered = {one.lrn: one.seq for one in evidence.registrations}
    last: dict[str, tuple[int, str]] = {}
    for sent in evidence.sent:
        row = rows.get(sent.submission or "")
        if sent.operation != REGISTER or sent.again or sent.bad or row is None:
            continue
        seq = registered.get(row.identity)
        if seq is None:
            continue
        before, name = last.get(sent.patient, (0, ""))
        if seq < before:
            text = f"registered as number {seq}, before {name} (number {before}), which was published earlier"
            yield Finding(Count.OUT_OF_ORDER, row.submission, text)
        last[sent.patient] = max((before, name), (seq, row.submission))


def _registrations(
    evidence: Evidence, final: Mapping[str, Reply], rows: Mapping[str, Row]
) -> Iterator[Finding]:
    ledger = {one.lrn: one for one in evidence.registrations}
    explained = set()
    for sent in evidence.sent:
        row, reply = rows.get(sent.submission or ""), final.get(sent.submission or "")
        if sent.operation != REGISTER or not sent.answerable or row is None or reply is None:
            continue
        explained.add(row.identity)
        entry = ledger.get(row.identity)
        yield from _told(row.submission, reply, entry is not None, sent.bad)
        if entry and reply.kind == "accepted" and entry.nrn != reply.nrn:
            text = f"the reply says NRN {reply.nrn}, the ledger {entry.nrn}"
            yield Finding(Count.DISAGREEMENTS, row.submission, text)
    unanswered = {row.identity for row in evidence.rows if row.submission not in final}
    for lrn in sorted(set(ledger) - explained - unanswered):
        yield Finding(Count.DISAGREEMENTS, f"LRN {lrn}", "in the ledger, and no submission explains it")


def _others(
    evidence: Evidence, final: Mapping[str, Reply], operation: str, done: Mapping[str, int]
) -> Iterator[Finding]:
    about = set()
    for sent in evidence.sent:
        reply = final.get(sent.submission or "")
        if sent.operation != operation or not sent.answerable or sent.nrn is None:
            continue
        about.add(sent.nrn)
        if reply is not None:
            yield from _told(reply.submission, reply, bool(done.get(sent.nrn)), sent.bad)
    for nrn in sorted(set(done) - about):
        yield Finding(Count.DISAGREEMENTS, f"NRN {nrn}", f"{operation} in the ledger that nobody asked for")


def _told(name: str, reply: Reply, in_ledger: bool, bad: str | None) -> Iterator[Finding]:
    """Compare a reply with the ledger. A held submission may be in the ledger or not: that is why it is held."""
    if reply.kind == "accepted" and not in_ledger:
        yield Finding(Count.DISAGREEMENTS, name, "accepted, and not in the ledger")
    if reply.kind in ("rejected", "failed") and in_ledger:
        yield Finding(Count.DISAGREEMENTS, name, f"{reply.kind}, and in the ledger")
    if bad is None and reply.kind == "rejected":
        yield Finding(Count.DISAGREEMENTS, name, "rejected, though it breaks no rule of the system's")
    if bad is not None and reply.kind != "failed":
        yield Finding(Count.DISAGREEMENTS, name, f"{reply.kind}, though it is bad: {bad}")


def _requests(evidence: Evidence, final: Mapping[str, Reply], rows: Mapping[str, Row]) -> Iterator[Finding]:
    """Compare the system's requests with the journal: each was journaled, and none came too late."""
    known = {message: row for row in evidence.rows for message in row.messages}
    for request in evidence.requests:
        row = known.get(request.message_id)
        if row is None:
            yield from _unwritten(request)
        elif (reply := final.get(row.submission)) is not None:
            yield from _sent_late(request, row, reply, evidence.rewinds)


def _unwritten(request: Request) -> Iterator[Finding]:
    """Report a request without an attempt in the journal; requests that change nothing (code lists) need none."""
    if request.type in TYPES.values():
        text = f"{request.type} reached the system, and the journal holds no such attempt"
        yield Finding(Count.DISAGREEMENTS, f"message {request.message_id}", text)


def _sent_late(request: Request, row: Row, reply: Reply, rewinds: tuple[float, ...]) -> Iterator[Finding]:
    message = f"message {request.message_id}"
    arrived = request.at - request.late
    if reply.kind == "held" and request.type in TYPES.values() and arrived > reply.at + AT_ONCE:
        late = f"{arrived - reply.at:.1f} s"
        yield Finding(Count.DISAGREEMENTS, row.submission, f"held, and sent {late} after that: {message}")
    if any(reply.at < rewind < arrived for rewind in rewinds):
        text = f"answered, and sent again after the offsets were set back: {message}"
        yield Finding(Count.DISAGREEMENTS, row.submission, text)
