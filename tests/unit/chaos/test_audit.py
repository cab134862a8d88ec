"""The audit by tables: a run in which all went well, and what it says of each thing that went wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.audit import answered, audit, copies, held, owed
from tests.chaos.evidence import DeadLetter, Evidence, Registration, Reply, Request, Row, Sent
from tests.chaos.finding import Count, Finding
from tests.support.worker.hospital import CANCEL, REACTION, REGISTER

FIRST, SECOND, REACTED, HELD, CANCELLED, BAD = "first", "second", "reacted", "held", "cancelled", "bad"
DEAD_HELD, DEAD_BAD, DEAD_TEXT, DEAD_CONFLICT = "dead-held", "dead-bad", "dead-text", "dead-conflict"


def sent(submission, operation=REGISTER, offset=0, **more):
    return Sent(submission, "p-1", operation, 0, offset, **more)


def reply(submission, kind="accepted", **more):
    return Reply(submission, 1, kind, f"said of {submission}", 100.0, **more)


def row(submission, operation=REGISTER, state="accepted", **more):
    given = {"identity": f"lrn-{submission}", "dead_letter": None, "messages": frozenset({f"m-{submission}"})}
    return Row(
        submission=submission, operation=operation, state=state, revision=1, answered=True, **given | more
    )


def request(submission, type_, at=99.0):
    return Request(type_, f"m-{submission}", None, None, at)


GOOD = Evidence(
    sent=(
        sent(FIRST, offset=0),
        sent(SECOND, offset=1),
        sent(FIRST, offset=2, again=True),
        sent(REACTED, REACTION, offset=3, nrn="nrn-1"),
        sent(HELD, REACTION, offset=4, nrn="nrn-2"),
        sent(CANCELLED, CANCEL, offset=5, nrn="nrn-3"),
        sent(BAD, offset=6, bad="unknown-signer"),
        sent(None, offset=7, bad="not-json"),
        sent(SECOND, offset=8, bad="conflict"),
    ),
    replies=(
        reply(FIRST, nrn="nrn-1"),
        reply(FIRST, nrn="nrn-1"),
        reply(SECOND, nrn="nrn-2"),
        reply(REACTED, nrn="nrn-1"),
        reply(HELD, "held", dead_letter=DEAD_HELD),
        reply(CANCELLED, nrn="nrn-3"),
        reply(BAD, "failed", dead_letter=DEAD_BAD),
    ),
    dead_letters=(
        DeadLetter(DEAD_HELD, "outcome-unknown", 0, 4, "a"),
        DeadLetter(DEAD_BAD, "unknown-signer", 0, 6, "b"),
        DeadLetter(DEAD_TEXT, "not-json", 0, 7, "c"),
        DeadLetter(DEAD_TEXT, "not-json", 0, 7, "c"),
        DeadLetter(DEAD_CONFLICT, "conflict", 0, 8, "d"),
    ),
    registrations=(
        Registration(1, "lrn-first", "uin", "nrn-1", "p-1"),
        Registration(2, "lrn-second", "uin", "nrn-2", "p-1"),
    ),
    reactions=("nrn-1", "nrn-2"),
    cancellations=("nrn-3",),
    requests=(
        request(FIRST, "I001"),
        request(SECOND, "I001"),
        request(REACTED, "I005"),
        request(HELD, "I005"),
        request(CANCELLED, "I011"),
        Request("S001", "", None, None, 98.0),
    ),
    rows=(
        row(FIRST),
        row(SECOND),
        row(REACTED, REACTION),
        row(HELD, REACTION, "held", dead_letter=DEAD_HELD),
        row(CANCELLED, CANCEL),
        row(BAD, state="failed", identity="unread", dead_letter=DEAD_BAD, messages=frozenset()),
    ),
    kept={
        DEAD_HELD: "outcome-unknown",
        DEAD_BAD: "unknown-signer",
        DEAD_TEXT: "not-json",
        DEAD_CONFLICT: "conflict",
    },
    rewinds=(150.0,),
)


def without(values, **fields):
    return tuple(one for one in values if any(getattr(one, name) != value for name, value in fields.items()))


def changed(values, subject, **fields):
    return tuple(replace(one, **fields) if one.submission == subject else one for one in values)


def test_a_run_in_which_all_went_well_has_no_finding():
    assert audit(GOOD) == []
    assert owed(GOOD) == answered(GOOD) == {FIRST, SECOND, REACTED, HELD, CANCELLED, BAD}
    assert held(GOOD) == {HELD}


WRONG = {
    "no reply": (
        {"replies": without(GOOD.replies, submission=SECOND)},
        {(Count.LOST, SECOND), (Count.DISAGREEMENTS, SECOND)},
    ),
    "no reply, and the journal has it in work": (
        {
            "replies": without(GOOD.replies, submission=SECOND),
            "rows": changed(GOOD.rows, SECOND, state="sending"),
        },
        {(Count.LOST, SECOND)},
    ),
    "a bad record without a dead letter": (
        {"dead_letters": without(GOOD.dead_letters, id=DEAD_TEXT)},
        {(Count.LOST, "record 0/7")},
    ),
    "a dead letter of another reason": (
        {"dead_letters": (*GOOD.dead_letters[:-1], DeadLetter(DEAD_CONFLICT, "not-utf8", 0, 8, "d"))},
        {(Count.DISAGREEMENTS, SECOND)},
    ),
    "two distinct replies": (
        {"replies": (*GOOD.replies, replace(GOOD.replies[0], said="otherwise"))},
        {(Count.ANSWERED_TWICE, FIRST)},
    ),
    "a reply again after the offsets were set back": (
        {"replies": (*GOOD.replies, replace(GOOD.replies[2], at=151.0))},
        {(Count.COPIED, "second (1)")},
    ),
    "a dead letter again after the offsets were set back": (
        {"dead_letters": (*GOOD.dead_letters, replace(GOOD.dead_letters[-1], at=151.0))},
        {(Count.COPIED, f"dead letter {DEAD_CONFLICT}")},
    ),
    "a reply that nobody asked for": (
        {"replies": (*GOOD.replies, reply("stranger"))},
        {(Count.DISAGREEMENTS, "stranger")},
    ),
    "one LRN registered twice": (
        {"registrations": (*GOOD.registrations, Registration(3, "lrn-second", "uin", "nrn-2", "p-1"))},
        {(Count.REGISTERED_TWICE, "LRN lrn-second")},
    ),
    "a reaction twice": (
        {"reactions": (*GOOD.reactions, "nrn-1")},
        {(Count.REGISTERED_TWICE, "NRN nrn-1")},
    ),
    "a cancellation twice": (
        {"cancellations": ("nrn-3", "nrn-3")},
        {(Count.REGISTERED_TWICE, "NRN nrn-3")},
    ),
    "the second registered before the first": (
        {
            "registrations": (
                Registration(1, "lrn-second", "uin", "nrn-2", "p-1"),
                Registration(2, "lrn-first", "uin", "nrn-1", "p-1"),
            )
        },
        {(Count.OUT_OF_ORDER, SECOND)},
    ),
    "accepted, and not registered": (
        {"registrations": GOOD.registrations[:1]},
        {(Count.DISAGREEMENTS, SECOND)},
    ),
    "accepted, and no reaction": ({"reactions": ("nrn-2",)}, {(Count.DISAGREEMENTS, REACTED)}),
    "failed, and registered": (
        {"registrations": (*GOOD.registrations, Registration(3, "unread", "uin", "nrn-9", "p-1"))},
        {(Count.DISAGREEMENTS, BAD)},
    ),
    "registered under another NRN": (
        {"replies": changed(GOOD.replies, SECOND, nrn="nrn-8")},
        {(Count.DISAGREEMENTS, SECOND)},
    ),
    "registered for nobody": (
        {"registrations": (*GOOD.registrations, Registration(3, "lrn-other", "uin", "nrn-9", "p-1"))},
        {(Count.DISAGREEMENTS, "LRN lrn-other")},
    ),
    "a reaction that nobody asked for": (
        {"reactions": (*GOOD.reactions, "nrn-9")},
        {(Count.DISAGREEMENTS, "NRN nrn-9")},
    ),
    "rejected without a rule": (
        {
            "replies": changed(GOOD.replies, SECOND, kind="rejected"),
            "rows": changed(GOOD.rows, SECOND, state="rejected"),
            "registrations": GOOD.registrations[:1],
        },
        {(Count.DISAGREEMENTS, SECOND)},
    ),
    "a bad event accepted": (
        {
            "replies": changed(GOOD.replies, BAD, kind="rejected", dead_letter=None),
            "rows": changed(GOOD.rows, BAD, state="rejected", dead_letter=None),
        },
        {(Count.DISAGREEMENTS, BAD)},
    ),
    "the journal tells another end": (
        {"rows": changed(GOOD.rows, SECOND, state="rejected")},
        {(Count.DISAGREEMENTS, SECOND)},
    ),
    "the journal does not know that it answered": (
        {"rows": changed(GOOD.rows, SECOND, answered=False)},
        {(Count.DISAGREEMENTS, SECOND)},
    ),
    "answered, and not in the journal": (
        {"rows": without(GOOD.rows, submission=BAD)},
        {(Count.DISAGREEMENTS, BAD)},
    ),
    "held without a dead letter": (
        {"replies": changed(GOOD.replies, HELD, dead_letter=None)},
        {(Count.DISAGREEMENTS, HELD)},
    ),
    "held, and the dead letter is not in its topic": (
        {"dead_letters": without(GOOD.dead_letters, id=DEAD_HELD)},
        {(Count.DISAGREEMENTS, HELD)},
    ),
    "held, and the journal does not keep the dead letter": (
        {"kept": {name: reason for name, reason in GOOD.kept.items() if name != DEAD_HELD}},
        {(Count.DISAGREEMENTS, HELD), (Count.DISAGREEMENTS, f"dead letter {DEAD_HELD}")},
    ),
    "a dead letter repeated with another content": (
        {"dead_letters": (*GOOD.dead_letters, DeadLetter(DEAD_TEXT, "not-json", 0, 7, "other"))},
        {(Count.DISAGREEMENTS, f"dead letter {DEAD_TEXT}")},
    ),
    "sent without a word in the journal": (
        {"requests": (*GOOD.requests, Request("I001", "m-unwritten", None, None, 99.0))},
        {(Count.DISAGREEMENTS, "message m-unwritten")},
    ),
    "held, and sent afterwards": (
        {"requests": (*GOOD.requests, request(HELD, "I005", at=105.0))},
        {(Count.DISAGREEMENTS, HELD)},
    ),
    "answered, and sent again after the offsets were set back": (
        {"requests": (*GOOD.requests, request(FIRST, "I001", at=151.0))},
        {(Count.DISAGREEMENTS, FIRST)},
    ),
    "never published": ({"planned": frozenset({FIRST, "unsent"})}, {(Count.LOST, "unsent")}),
    "the time was over before the run": ({"cut_short": True}, {(Count.DISAGREEMENTS, "the run")}),
    "answered, and asked again after the offsets were set back": (
        {"requests": (*GOOD.requests, request(FIRST, "I009", at=151.0))},
        {(Count.DISAGREEMENTS, FIRST)},
    ),
    "a worker that ended by itself": (
        {"surprises": ("worker-3.log ended by itself",)},
        {(Count.DISAGREEMENTS, "a worker")},
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_reported_under_its_count_and_by_its_id(name):
    changes, expected = WRONG[name]

    findings = audit(replace(GOOD, **changes))

    assert {(finding.count, finding.subject) for finding in findings} == expected


def test_a_later_revision_is_an_answer_of_its_own_and_the_truth():
    settled = replace(reply(HELD, "accepted"), revision=2, said="settled")
    rows = changed(GOOD.rows, HELD, state="accepted", revision=2)

    evidence = replace(GOOD, replies=(*GOOD.replies, settled), rows=rows)

    assert audit(evidence) == []
    assert held(evidence) == set()


def test_what_zombies_sent_of_what_may_be_repeated_is_no_finding():
    late = request(FIRST, "I001", at=105.0)

    assert audit(replace(GOOD, requests=(*GOOD.requests, late), rewinds=())) == []


def test_a_request_that_waited_in_a_busy_stand_in_was_not_sent_after_its_submission_was_held():
    """The worker gave it up while its bytes lay in the network's buffers."""
    waited = replace(request(HELD, "I005", at=105.0), late=6.0)

    assert audit(replace(GOOD, requests=(*GOOD.requests, waited))) == []


def test_copies_are_counted_beyond_one_reply_for_each_record():
    assert copies(GOOD) == 0
    assert copies(replace(GOOD, replies=(*GOOD.replies, GOOD.replies[0], GOOD.replies[2]))) == 2


def test_a_finding_is_a_line_for_a_person():
    assert str(Finding(Count.LOST, "s-1", "no reply")) == "lost: s-1: no reply"
