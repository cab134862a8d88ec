"""Every fault at every message of RegiX, and what its ledger then holds: a write is never sent twice."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.systems.regix.scene import (
    SYSTEM,
    Deed,
    acknowledgements,
    executions,
    perform,
    report,
    section_of,
    signers_of,
    writing,
)
from tests.support.systems.scene import FAULTS, PROCESSED
from tests.support.worker.evidence import check_reply

FAULTY = [name for name in FAULTS if name != "none"]
NOTARY = "SendNotaryDocuments"
"""It writes, and RegiX answers it later though nobody asks for that."""
ACCEPTED, HELD = ("accepted", None), ("held", "outcome-unknown")
DENIED, NO_SERVICE = ("failed", "access-denied"), ("failed", "not-found")
NOT_OURS, LOST = ("failed", "unexpected-message"), ("failed", "answer-lost")
CODE = re.compile(r"<(?:\w+:)?VerificationCode>([^<]*)<")
KINDS = {
    "read": ("Execute", report, {}),
    "write": ("Execute", writing, {}),
    "later": ("Execute", report, {"asynchronous": True}),
    "later write": ("Execute", writing, {"operation": NOTARY}),
    "ask": ("CheckResult", report, {"asynchronous": True}),
    "ask for a write": ("CheckResult", writing, {"operation": NOTARY}),
    "acknowledge": ("AcknowledgeResultReceived", report, {"asynchronous": True}),
}
"""The message that meets the fault, and the request that it belongs to."""
READS = {"status 403": DENIED, "status 404": NO_SERVICE, "wrong-answer": NOT_OURS}
# What repeats the argument of a write is its answer, whatever number it has: nothing else shows whose it is.
WRITES = {**dict.fromkeys(FAULTY, HELD), **READS, "wrong-answer": ACCEPTED, "status 429": ACCEPTED}
OUTCOMES = {
    "read": READS,
    "write": WRITES,
    "later": {**READS, "wrong-answer": LOST},
    "later write": {**WRITES, "wrong-answer": ("held", "answer-lost")},
}
"""Of each kind by fault; accepted where nothing is said."""


def name_of(kind, fault):
    return f"{kind}: {fault}"


def outcome(kind, fault):
    return OUTCOMES.get(kind, {}).get(fault, ACCEPTED)


def deed(kind, fault):
    message, make, more = KINDS[kind]
    name = name_of(kind, fault)
    return Deed(name, make(name, **more), fault, {"operation": message})


PAIRS = [(kind, fault) for kind in KINDS for fault in FAULTY]


@pytest.fixture(scope="module")
def scene(play, sandbox_of):
    sandbox = sandbox_of(SYSTEM, "--strict", "--async-seconds", "0.1")
    deeds = [deed(*pair) for pair in PAIRS]
    return play(
        SYSTEM,
        sandbox,
        lambda installation: perform(installation, deeds),
        signers=signers_of(sandbox),
        section=section_of(sandbox),
    )


@pytest.mark.parametrize(("kind", "fault"), PAIRS)
def test_the_outcome(scene, kind, fault):
    reply = scene.reply(name_of(kind, fault))
    check_reply(reply)
    assert (reply.kind, reply.json.get("code")) == outcome(kind, fault)
    assert bool(reply.json.get("deadLetter")) == (reply.kind in {"failed", "held"})


@pytest.mark.parametrize(("kind", "fault"), PAIRS)
def test_what_the_ledger_holds(scene, kind, fault):
    """A read whose answer did not come is executed once more; everything else at most once."""
    message, make, _ = KINDS[kind]
    times = len(executions(scene.ledger, name_of(kind, fault)))
    if message != "Execute":
        assert times == 1
        return
    processed = fault in PROCESSED
    again = outcome(kind, fault) == ACCEPTED and fault != "wrong-answer"
    assert times == processed + again
    assert make is not writing or times <= 1


def test_no_write_was_executed_twice(scene):
    assert scene.ledger["repeated_writes"] == []
    assert len([one for one in scene.ledger["executions"] if one["writes"]]) > len(FAULTY)


@pytest.mark.parametrize("fault", FAULTY)
@pytest.mark.parametrize("kind", ["ask", "ask for a write"])
def test_a_report_is_asked_for_until_it_comes(scene, kind, fault):
    name = name_of(kind, fault)
    asked = [one for one in scene.details[name].attempts if one.purpose == "ask"]
    assert len(asked) >= 2
    assert asked[-1].outcome == "accepted"
    assert acknowledgements(scene.ledger, name) == ["removed"]


@pytest.mark.parametrize("fault", FAULTY)
def test_a_report_is_acknowledged_until_regix_says_so(scene, fault):
    name = name_of("acknowledge", fault)
    told = acknowledgements(scene.ledger, name)
    # RegiX answers the acknowledgement of another request in the same way: no answer shows whose it is.
    again = fault in PROCESSED - {"wrong-answer"}
    assert told == ["removed", *(["gone"] if again else [])]
    assert len(scene.answers.of(name)) == 1


def test_every_message_had_the_documented_form(scene):
    """As the stand-in compares them, which shares no code with the worker."""
    listed = [*scene.ledger["executions"], *scene.ledger["checks"], *scene.ledger["acknowledgements"]]
    assert len(listed) > len(PAIRS)
    assert [one["deviations"] for one in listed if one["deviations"]] == []
    # The two whose taken answer was that of another request asked for a number that RegiX never gave.
    assert [one["error"] for one in scene.ledger["refusals"]] == ["No such serviceCallID could be found!"] * 2


def test_no_verification_code_is_in_the_journal_or_in_a_reply(scene):
    kept = [
        text.decode("utf-8", "replace")
        for detail in scene.details.values()
        for attempt in detail.attempts
        for text in (attempt.request, attempt.answer)
        if text
    ]
    published = [json.dumps(reply.json) for reply in scene.answers.replies]
    codes = [code for text in (*kept, *published) for code in CODE.findall(text)]
    assert len(codes) > len(PAIRS)
    assert set(codes) == {"[removed]"}
