"""What a look-up outside a worker says of a submission: nothing that fails becomes a statement."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from contracts.reasons import Reason
from worker.admin.look_up import look_up
from worker.outcome import Accepted, Blocked, NotArrived, Rejected, Retry, Taken, Unknown
from worker.submission import Submission
from worker.systems.port import NotPrepared, Operation, Prepared, Recovery, Refused
from worker.transport.port import Answer, DeliveryError

SUBMISSION = Submission(
    "urn:his", "s-1", "nhis.a.v1", "nhis", "a", "dr-a", b"key", SimpleNamespace(), b"hash", b"meaning"
)
PREPARED = Prepared("a", "dr-a", "m-1", "lrn-1", "https://x", b"<q/>", {}, {})


class OneSystem:
    """Answers a look-up as it is told."""

    name = "nhis"

    def __init__(self, said, *, looks_up=True, prepared=PREPARED):
        self.operations = {"nhis.a.v1": Operation("nhis", "a", Recovery.SAME_IDENTITY, looks_up=looks_up)}
        self.said = said
        self.prepared = prepared
        self.asked = 0

    def identity(self, submission):
        return "lrn-1"

    async def prepare_look_up(self, submission, attempt, found):
        if isinstance(self.prepared, Exception):
            raise self.prepared
        assert attempt.identity == "lrn-1"
        return self.prepared

    async def exchange(self, prepared, guard):
        self.asked += 1
        guard.begin()
        if isinstance(self.said, Exception):
            raise self.said
        return Answer(200, {}, b"")

    def settle(self, submission, found, prepared, answer):
        assert isinstance(found, Unknown)
        return self.said


class AnsweringLater(OneSystem):
    """The same, of a system that may answer later: it is not asked for more than the look-up says."""

    async def prepare_ask(self, submission, attempt, taken):
        raise AssertionError

    def interpret_ask(self, submission, taken, asked, answer):
        raise AssertionError

    async def prepare_acknowledgement(self, submission, attempt, taken):
        raise AssertionError

    def is_acknowledged(self, taken, sent, answer):
        raise AssertionError


async def test_what_a_system_took_is_there():
    for system, kind in ((AnsweringLater(Taken({})), "arrived"), (OneSystem(Taken({})), "unknown")):
        assert (await look_up(system, SUBMISSION, "m-1", datetime.now(UTC))).kind == kind


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (Accepted({}), "arrived"),
        (Rejected(()), "rejected"),
        (NotArrived(Reason.OUTCOME_UNKNOWN, "not shown"), "not-arrived"),
        (Unknown(Reason.OUTCOME_UNKNOWN, "a part"), "unknown"),
        (Retry(Reason.OUTCOME_UNKNOWN, "later"), "unknown"),
        (Blocked(Reason.ACCESS_DENIED, "no"), "unknown"),
        (DeliveryError("answer-timeout", "no answer", sent=True), "unknown"),
        (RuntimeError("a defect"), "unknown"),
    ],
)
async def test_only_what_the_system_stated_is_a_finding(said, kind):
    system = OneSystem(said)
    assert (await look_up(system, SUBMISSION, "m-1", datetime.now(UTC))).kind == kind
    assert system.asked == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"looks_up": False},
        {"prepared": None},
        {"prepared": NotPrepared(Blocked(Reason.ACCESS_DENIED, "no token"))},
        {"prepared": Refused(Reason.CONTRACT_VIOLATION, ())},
    ],
)
async def test_where_nothing_can_be_asked_nothing_is(changes):
    system = OneSystem(Accepted({}), **changes)
    assert (await look_up(system, SUBMISSION, "m-1", datetime.now(UTC))).kind == "unknown"
    assert system.asked == 0
