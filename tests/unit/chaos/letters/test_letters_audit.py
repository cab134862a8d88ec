"""The audit of eDelivery, eForms and the file store by tables: what went well, and each thing that went wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.audit import audit
from tests.chaos.evidence import DeadLetter, Evidence, Reply, Row, Sent
from tests.chaos.finding import Count
from tests.chaos.letters.events import UPLOAD_SHA256, digests_of, subject_digest, system_of
from tests.chaos.letters.evidence import LettersEvidence, Notice, Opening, Referred, SentMessage
from tests.chaos.letters.plan import Kind

LETTER, HELD, RESPONSE, OPENING, REQUEST = "letter", "held", "response", "opening", "request"
KINDS = {
    LETTER: Kind.LETTER,
    HELD: Kind.LETTER,
    RESPONSE: Kind.RESPONSE,
    OPENING: Kind.OPENING,
    REQUEST: Kind.REQUEST,
}
MESSAGES = {LETTER: "1", RESPONSE: "2", OPENING: "11", REQUEST: "12"}
DEAD = "dead-held"


def sent(message, name):
    if name == RESPONSE:
        return SentMessage(message, name, "other", frozenset({"xml", UPLOAD_SHA256}))
    return SentMessage(message, "generated", subject_digest(name), digests_of(name))


LETTERS = LettersEvidence(
    sent=(sent(1, LETTER), sent(2, RESPONSE), sent(3, HELD)),
    openings={
        OPENING: Opening(11, frozenset({"scan-1"})),
        REQUEST: Opening(12, frozenset({"scan-2", "request-2"})),
    },
    inbox=frozenset({11, 12, 13}),
    opened=frozenset({11, 12}),
    notices=(
        Notice("n-11", "edelivery", 11, "a", 100.0),
        Notice("n-12", "edelivery", 12, "b", 100.0),
        Notice("n-12", "edelivery", 12, "b", 101.0),
        Notice("n-13", "edelivery", 13, "c", 100.0),
        Notice("r-12", "eforms", 12, "d", 102.0),
    ),
    referred=(
        Referred(OPENING, "f-1", "scan-1"),
        Referred(REQUEST, "f-2", "scan-2"),
        Referred(REQUEST, "f-3", "request-2"),
    ),
    stored={"f-1": "scan-1", "f-2": "scan-2", "f-3": "request-2"},
)


def _kind(name):
    return "held" if name == HELD else "accepted"


def _dead(name):
    return DEAD if name == HELD else None


GOOD = Evidence(
    sent=tuple(
        Sent(name, "", kind, 0, offset, system=system_of(kind))
        for offset, (name, kind) in enumerate(KINDS.items())
    ),
    replies=tuple(
        Reply(
            name,
            1,
            _kind(name),
            f"said of {name}",
            100.0,
            reference=MESSAGES.get(name),
            dead_letter=_dead(name),
        )
        for name in KINDS
    ),
    dead_letters=(DeadLetter(DEAD, "outcome-unknown", 0, 1, "d", system="edelivery"),),
    rows=tuple(
        Row(name, kind, "", _kind(name), 1, True, _dead(name), frozenset()) for name, kind in KINDS.items()
    ),
    kept={DEAD: "outcome-unknown"},
    rewinds=(150.0,),
    letters=LETTERS,
)


def test_a_run_in_which_all_went_well_has_no_finding():
    assert audit(GOOD) == []


def letters(**changes):
    return {"letters": replace(LETTERS, **changes)}


def ended(name, kind, dead_letter=None):
    replies = tuple(
        replace(one, kind=kind, dead_letter=dead_letter) if one.submission == name else one
        for one in GOOD.replies
    )
    rows = tuple(
        replace(one, state=kind, dead_letter=dead_letter) if one.submission == name else one
        for one in GOOD.rows
    )
    return {"replies": replies, "rows": rows}


def accepted_as(name, reference):
    changed = (replace(one, reference=reference) if one.submission == name else one for one in GOOD.replies)
    return {"replies": tuple(changed)}


WRONG = {
    "a letter sent twice": (
        letters(sent=(*LETTERS.sent, sent(4, LETTER))),
        {(Count.SENT_TWICE, LETTER)},
    ),
    "a response sent twice": (
        letters(sent=(*LETTERS.sent, sent(4, RESPONSE))),
        {(Count.SENT_TWICE, RESPONSE)},
    ),
    "a held letter sent twice": (
        letters(sent=(*LETTERS.sent, sent(4, HELD))),
        {(Count.SENT_TWICE, HELD)},
    ),
    "a message that nobody asked for": (
        letters(sent=(*LETTERS.sent, sent(4, "stranger"))),
        {(Count.DISAGREEMENTS, "message 4")},
    ),
    "accepted, and not sent": (letters(sent=LETTERS.sent[1:]), {(Count.DISAGREEMENTS, LETTER)}),
    "accepted as another message": (accepted_as(LETTER, "2"), {(Count.DISAGREEMENTS, LETTER)}),
    "failed, and sent": (ended(LETTER, "failed", DEAD), {(Count.DISAGREEMENTS, LETTER)}),
    "rejected without a rule": (
        {**ended(LETTER, "rejected"), **letters(sent=LETTERS.sent[1:])},
        {(Count.DISAGREEMENTS, LETTER)},
    ),
    "a letter without one of its files": (
        letters(sent=(replace(LETTERS.sent[0], digests=frozenset({UPLOAD_SHA256})), *LETTERS.sent[1:])),
        {(Count.FILES_MISSING, LETTER)},
    ),
    "a response without its document": (
        letters(
            sent=(LETTERS.sent[0], replace(LETTERS.sent[1], digests=frozenset({"xml", "b"})), LETTERS.sent[2])
        ),
        {(Count.FILES_MISSING, RESPONSE)},
    ),
    "an opening that is held": (
        ended(OPENING, "held", DEAD),
        {(Count.DISAGREEMENTS, OPENING)},
    ),
    "accepted, and not opened": (
        letters(opened=frozenset({12})),
        {(Count.DISAGREEMENTS, OPENING)},
    ),
    "another message opened": (accepted_as(OPENING, "12"), {(Count.DISAGREEMENTS, OPENING)}),
    "opened, and nobody asked for it": (
        letters(opened=frozenset({11, 12, 13})),
        {(Count.DISAGREEMENTS, "message 13")},
    ),
    "a reply without a reference to one of the files": (
        letters(referred=LETTERS.referred[:2]),
        {(Count.FILES_MISSING, REQUEST)},
    ),
    "a file that cannot be fetched": (
        letters(stored={"f-1": "scan-1", "f-2": "scan-2"}),
        {(Count.FILES_MISSING, "file f-3")},
    ),
    "a file with other bytes": (
        letters(stored={**LETTERS.stored, "f-1": "other"}),
        {(Count.FILES_MISSING, "file f-1")},
    ),
    "an arrival that is not told": (
        letters(notices=(*LETTERS.notices[:3], LETTERS.notices[4])),
        {(Count.NOTIFICATIONS_LOST, "message 13")},
    ),
    "an arrival with two notifications": (
        letters(notices=(*LETTERS.notices, Notice("n-99", "edelivery", 13, "e", 100.0))),
        {(Count.NOTIFIED_TWICE, "edelivery message 13")},
    ),
    "a notification of what never arrived": (
        letters(notices=(*LETTERS.notices, Notice("n-99", "edelivery", 99, "e", 100.0))),
        {(Count.DISAGREEMENTS, "message 99")},
    ),
    "a request that is not told": (
        letters(notices=LETTERS.notices[:4]),
        {(Count.NOTIFICATIONS_LOST, REQUEST)},
    ),
    "a request with two notifications": (
        letters(notices=(*LETTERS.notices, Notice("r-99", "eforms", 12, "e", 102.0))),
        {(Count.NOTIFIED_TWICE, "eforms message 12")},
    ),
    "a notification of a request in a message without one": (
        letters(notices=(*LETTERS.notices, Notice("r-11", "eforms", 11, "e", 102.0))),
        {(Count.DISAGREEMENTS, "message 11")},
    ),
    "one id with two contents": (
        letters(notices=(*LETTERS.notices, Notice("n-11", "edelivery", 11, "other", 102.0))),
        {(Count.NOTIFIED_TWICE, "notification n-11")},
    ),
    "a notification again after the offsets were set back": (
        letters(notices=(*LETTERS.notices, Notice("n-11", "edelivery", 11, "a", 151.0))),
        {(Count.COPIED, "notification n-11")},
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_reported_under_its_count_and_by_its_id(name):
    changes, expected = WRONG[name]

    findings = audit(replace(GOOD, **changes))

    assert {(finding.count, finding.subject) for finding in findings} == expected
