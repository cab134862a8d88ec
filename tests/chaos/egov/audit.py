"""RegiX, ePayments and the receiver against what was promised: one answer, one write, one notification. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.chaos.egov.evidence import EgovEvidence, Notification
from tests.chaos.egov.plan import Kind
from tests.chaos.evidence import Evidence, Reply
from tests.chaos.finding import Count, Finding

REGIX = frozenset({Kind.REPORT, Kind.LATER_REPORT, Kind.LATER_WRITE})


def findings(evidence: Evidence) -> Iterator[Finding]:
    """Yield what is wrong."""
    found, final = evidence.egov, evidence.final()
    kinds = {
        one.submission: Kind(one.operation)
        for one in evidence.sent
        if one.submission is not None and one.operation in set(Kind)
    }
    yield from _written_twice(found)
    yield from _executions(found, final, kinds)
    yield from _payments(found, final, kinds)
    yield from _refused(final, kinds)
    yield from _callbacks(found)
    yield from _notifications(found, evidence.rewinds)
    for name in found.waiting:
        yield Finding(Count.DISAGREEMENTS, name, "still waits in the journal")
    for name in found.unpublished:
        yield Finding(Count.LOST, f"notification {name}", "in the journal, and not published")


def asynchronous(evidence: Evidence) -> set[str]:
    """Return the submissions that RegiX took and answered later."""
    return {one.submission for one in evidence.egov.executions if one.later}


def _written_twice(found: EgovEvidence) -> Iterator[Finding]:
    times = defaultdict(list)
    for one in found.executions:
        if one.writes:
            times[one.submission].append(one.call_id)
    for name, calls in sorted(times.items()):
        if len(calls) > 1:
            yield Finding(Count.REGISTERED_TWICE, name, f"written to a register by the calls {calls}")


def _executions(
    found: EgovEvidence, final: Mapping[str, Reply], kinds: Mapping[str, Kind]
) -> Iterator[Finding]:
    """Compare each reply of RegiX's with the call that it is the answer of, and look for its acknowledgement."""
    by_call = {one.call_id: one for one in found.executions}
    written = {one.submission for one in found.executions if one.writes}
    for name, kind in sorted(kinds.items()):
        reply = final.get(name)
        if kind not in REGIX or reply is None:
            continue
        call = by_call.get(reply.reference or "")
        if reply.kind == "accepted" and (call is None or call.submission != name):
            yield Finding(
                Count.DISAGREEMENTS, name, f"accepted by call {reply.reference}, which is not its own"
            )
        elif reply.kind == "accepted" and call and call.later and call.call_id not in found.acknowledged:
            yield Finding(
                Count.DISAGREEMENTS, name, f"the result of call {call.call_id} was not acknowledged"
            )
        elif reply.kind == "failed" and name in written:
            yield Finding(Count.DISAGREEMENTS, name, "failed, and written to a register")
    for name in sorted({one.submission for one in found.executions} - kinds.keys()):
        yield Finding(Count.DISAGREEMENTS, name, "executed by RegiX, and nobody published it")


def _payments(
    found: EgovEvidence, final: Mapping[str, Reply], kinds: Mapping[str, Kind]
) -> Iterator[Finding]:
    made = defaultdict(list)
    for one in found.payments:
        made[one.submission].append(one.id)
    for name, payments in sorted(made.items()):
        if len(payments) > 1:
            yield Finding(Count.REGISTERED_TWICE, name, f"the payment requests {payments}")
        if kinds.get(name) is not Kind.PAYMENT and not _is_seeded(found, name):
            yield Finding(Count.DISAGREEMENTS, name, "a payment request that nobody asked for")
    for name, kind in sorted(kinds.items()):
        reply = final.get(name)
        if kind is not Kind.PAYMENT or reply is None:
            continue
        if reply.kind == "accepted" and reply.reference not in made[name]:
            yield Finding(Count.DISAGREEMENTS, name, f"accepted as {reply.reference}, which is not its own")
        if reply.kind == "failed" and made[name]:
            yield Finding(Count.DISAGREEMENTS, name, f"failed, and there is the payment request {made[name]}")


def _is_seeded(found: EgovEvidence, name: str) -> bool:
    return any(one.seeded for one in found.payments if one.submission == name)


def _refused(final: Mapping[str, Reply], kinds: Mapping[str, Kind]) -> Iterator[Finding]:
    for name in sorted(kinds):
        if (reply := final.get(name)) and reply.kind == "rejected":
            yield Finding(Count.DISAGREEMENTS, name, "rejected, though it breaks no rule of the system's")


def _callbacks(found: EgovEvidence) -> Iterator[Finding]:
    """Hold what ePayments was told was taken against what was published."""
    published = {(one.payment, one.status) for one in found.notifications}
    for one in found.callbacks:
        name = f"payment {one.payment} {one.status}"
        if one.taken and (one.payment, one.status) not in published:
            yield Finding(
                Count.LOST, name, "the call was answered with success, and no notification tells of it"
            )
        if not one.taken:
            yield Finding(Count.LOST, name, "no call about it was ever answered with success")
        if one.forged_taken:
            yield Finding(Count.DISAGREEMENTS, name, "a forged call was answered with success")


def _notifications(found: EgovEvidence, rewinds: tuple[float, ...]) -> Iterator[Finding]:
    ids, said = defaultdict(set), defaultdict(set)
    for one in found.notifications:
        ids[one.payment, one.status].add(one.id)
        said[one.id].add(one.said)
    for (payment, status), names in sorted(ids.items()):
        if len(names) > 1:
            text = f"{len(names)} notifications of one change"
            yield Finding(Count.ANSWERED_TWICE, f"payment {payment} {status}", text)
    for name, different in sorted(said.items()):
        if len(different) > 1:
            text = f"{len(different)} distinct contents"
            yield Finding(Count.ANSWERED_TWICE, f"notification {name}", text)
    yield from _copied(found.notifications, rewinds)
    yield from _stated(found)


def _copied(notifications: tuple[Notification, ...], rewinds: tuple[float, ...]) -> Iterator[Finding]:
    first: dict[str, float] = {}
    for one in sorted(notifications, key=lambda one: one.at):
        before = first.setdefault(one.id, one.at)
        if any(before < rewind <= one.at for rewind in rewinds):
            text = "published again after the offsets were set back"
            yield Finding(Count.COPIED, f"notification {one.id}", text)


def _stated(found: EgovEvidence) -> Iterator[Finding]:
    """Each notification says what ePayments has in its ledger, and belongs to the submission that asked for it."""
    payments = {one.id: one for one in found.payments}
    for one in {one.id: one for one in found.notifications}.values():
        name, payment = f"notification {one.id}", payments.get(one.payment)
        if payment is None or one.status not in payment.statuses:
            text = f"payment {one.payment} was never {one.status}: it is forged"
            yield Finding(Count.DISAGREEMENTS, name, text)
            continue
        owner = None if payment.seeded else payment.submission
        if one.submission != owner:
            text = f"it belongs to {owner}, and names {one.submission}"
            yield Finding(Count.DISAGREEMENTS, name, text)
