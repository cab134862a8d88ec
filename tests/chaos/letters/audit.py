"""eDelivery, eForms and the file store against what was promised: each message once, each arrival told once. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from tests.chaos.evidence import Evidence, Reply
from tests.chaos.finding import Count, Finding
from tests.chaos.letters.events import UPLOAD_SHA256, digests_of, subject_digest
from tests.chaos.letters.evidence import LettersEvidence, SentMessage
from tests.chaos.letters.plan import OPENS, SENDS, Kind


def findings(evidence: Evidence) -> Iterator[Finding]:
    """Yield what is wrong."""
    found, final = evidence.letters, evidence.final()
    kinds = {
        one.submission: Kind(one.operation)
        for one in evidence.sent
        if one.submission is not None and one.operation in set(Kind)
    }
    yield from _sends(found, final, kinds)
    yield from _openings(found, final, kinds)
    yield from _arrivals(found)
    yield from _requests(found, final, kinds)
    yield from _notices(found, evidence.rewinds)
    yield from _files(found)


def _sends(
    found: LettersEvidence, final: Mapping[str, Reply], kinds: Mapping[str, Kind]
) -> Iterator[Finding]:
    """Compare what the system has with the submissions that ask to send, and with their replies."""
    explained = set()
    for name, kind in sorted(kinds.items()):
        if kind not in SENDS:
            continue
        there = [one for one in found.sent if _is_of(one, name, kind)]
        explained |= {one.message for one in there}
        if len(there) > 1:
            yield Finding(Count.SENT_TWICE, name, f"sent as the messages {[one.message for one in there]}")
        if (reply := final.get(name)) is not None:
            yield from _told(name, reply, {str(one.message) for one in there})
        yield from (_short(name, one) for one in there if not _is_whole(one, name, kind))
    for one in found.sent:
        if one.message not in explained:
            yield Finding(Count.DISAGREEMENTS, f"message {one.message}", "sent, and nobody asked for it")


def _is_of(one: SentMessage, name: str, kind: Kind) -> bool:
    return one.rnu == name if kind is Kind.RESPONSE else one.subject_digest == subject_digest(name)


def _told(name: str, reply: Reply, there: set[str]) -> Iterator[Finding]:
    if reply.kind == "accepted" and reply.reference not in there:
        yield Finding(
            Count.DISAGREEMENTS, name, f"accepted as message {reply.reference}, which is not its own"
        )
    if reply.kind == "failed" and there:
        yield Finding(Count.DISAGREEMENTS, name, f"failed, and sent as the messages {sorted(there)}")
    if reply.kind == "rejected":
        yield Finding(Count.DISAGREEMENTS, name, "rejected, though it breaks no rule of the system's")


def _is_whole(one: SentMessage, name: str, kind: Kind) -> bool:
    """Whether a message has its files. The XML of a response is built, so that its bytes are not known here."""
    if kind is Kind.LETTER:
        return one.digests == digests_of(name)
    return UPLOAD_SHA256 in one.digests and len(one.digests) > 1


def _short(name: str, one: SentMessage) -> Finding:
    return Finding(Count.FILES_MISSING, name, f"message {one.message} has not the files of its event")


def _openings(
    found: LettersEvidence, final: Mapping[str, Reply], kinds: Mapping[str, Kind]
) -> Iterator[Finding]:
    """Each opening is accepted, its message is received, and its reply refers to each of the message's files."""
    referred = defaultdict(set)
    for one in found.referred:
        referred[one.by].add(one.sha256)
    for name, opening in sorted(found.openings.items()):
        reply = final.get(name)
        if kinds.get(name) not in OPENS or reply is None:
            continue
        if reply.kind != "accepted":
            yield Finding(Count.DISAGREEMENTS, name, f"{reply.kind}, though opening may be repeated")
            continue
        if reply.reference != str(opening.message) or opening.message not in found.opened:
            text = f"accepted as message {reply.reference}; message {opening.message} was to be opened"
            yield Finding(Count.DISAGREEMENTS, name, text)
        if missing := opening.digests - referred[name]:
            yield Finding(Count.FILES_MISSING, name, f"its reply does not refer to {len(missing)} files")
    asked = {one.message for one in found.openings.values()}
    for message in sorted(found.opened - asked):
        yield Finding(Count.DISAGREEMENTS, f"message {message}", "opened, and nobody asked for it")


def _arrivals(found: LettersEvidence) -> Iterator[Finding]:
    """Each message that arrived is told once, and nothing else is."""
    told = _ids(found, "edelivery")
    for message in sorted(found.inbox - told.keys()):
        text = "arrived, and no notification tells of it"
        yield Finding(Count.NOTIFICATIONS_LOST, f"message {message}", text)
    for message in sorted(told.keys() - found.inbox):
        yield Finding(
            Count.DISAGREEMENTS, f"message {message}", "a notification tells of it, and it never arrived"
        )


def _requests(
    found: LettersEvidence, final: Mapping[str, Reply], kinds: Mapping[str, Kind]
) -> Iterator[Finding]:
    """Each request of eForms that was opened is told of, and nothing else is."""
    told = _ids(found, "eforms")
    requests = {
        opening.message: name for name, opening in found.openings.items() if kinds.get(name) is Kind.REQUEST
    }
    for message, name in sorted(requests.items()):
        reply = final.get(name)
        if reply is not None and reply.kind == "accepted" and message not in told:
            text = f"message {message} has a request of eForms, and no notification tells of it"
            yield Finding(Count.NOTIFICATIONS_LOST, name, text)
    for message in sorted(told.keys() - requests.keys()):
        text = "a notification tells of its request of eForms, and it has none"
        yield Finding(Count.DISAGREEMENTS, f"message {message}", text)


def _ids(found: LettersEvidence, system: str) -> dict[int, set[str]]:
    told = defaultdict(set)
    for one in found.notices:
        if one.system == system:
            told[one.message].add(one.id)
    return told


def _notices(found: LettersEvidence, rewinds: tuple[float, ...]) -> Iterator[Finding]:
    """One message has one notification, which is the same bytes however often it is published."""
    for system in ("edelivery", "eforms"):
        for message, names in sorted(_ids(found, system).items()):
            if len(names) > 1:
                text = f"{len(names)} notifications of one message"
                yield Finding(Count.NOTIFIED_TWICE, f"{system} message {message}", text)
    first: dict[tuple[str, str], tuple[str, float]] = {}
    for one in sorted(found.notices, key=lambda one: one.at):
        said, at = first.setdefault((one.system, one.id), (one.said, one.at))
        if said != one.said:
            yield Finding(Count.NOTIFIED_TWICE, f"notification {one.id}", "published with two contents")
        if any(at < rewind <= one.at for rewind in rewinds):
            text = "published again after the offsets were set back"
            yield Finding(Count.COPIED, f"notification {one.id}", text)


def _files(found: LettersEvidence) -> Iterator[Finding]:
    """Each file that a reply or a notification refers to can be fetched, with the digest that is stated."""
    for one in found.referred:
        kept = found.stored.get(one.file)
        if kept != one.sha256:
            why = "cannot be fetched" if kept is None else "has another digest"
            yield Finding(Count.FILES_MISSING, f"file {one.file}", f"{one.by} refers to it, and it {why}")
