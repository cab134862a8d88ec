"""Where the system takes a reference number only once, as the public server does for some types of obligation.

There a second message is refused although the first one was taken, so only the payer's list can settle a lost answer.
"""

from __future__ import annotations

import pytest

from tests.support.systems.epayment.hospital import (
    EXTENDED,
    REQUEST,
    SYSTEM,
    lines_of,
    requested,
    section_of,
)
from tests.support.systems.scene import BLOCKED, FAULTS, PROCESSED, Case, perform
from tests.support.worker.evidence import check_reply

FAULTY = [name for name in FAULTS if name not in {"none", "wrong-answer"}]
BULSTAT = {"identifierType": "bulstat", "identifier": "000000001", "name": "Измислено дружество"}
EXPIRED_BY_A_SECOND = "3"
"""A type of obligation of the sandbox with algorithm 2: a second message makes a new request."""
CASES = [
    Case("first", requested("first")),
    Case(
        "again",
        requested("again", aisPaymentId="T-first", reference={"number": "T-first", "date": "2025-03-14"}),
    ),
    Case("company", requested("company", payer=BULSTAT), "drop-after", {"operation": "paymentJson"}),
    Case(
        "never twice",
        requested("never twice", obligationType=EXPIRED_BY_A_SECOND),
        "drop-after",
        {"operation": "paymentJson"},
    ),
    *(
        Case(
            f"{operation} {fault}", requested(f"{operation} {fault}", operation), fault, {"operation": method}
        )
        for operation, method in ((REQUEST, "paymentJson"), (EXTENDED, "paymentJsonExtended"))
        for fault in FAULTY
    ),
]


@pytest.fixture(scope="module")
def scene(play, sandbox_of):
    sandbox = sandbox_of(SYSTEM)
    sandbox.control("settings", {"reference_numbers": "unique"})
    section = section_of(sandbox, never_resend_obligation_types=[EXPIRED_BY_A_SECOND])
    return play(
        SYSTEM, sandbox, lambda installation: perform(installation, CASES), signers={}, section=section
    )


@pytest.mark.parametrize("fault", [name for name in FAULTY if name not in BLOCKED])
@pytest.mark.parametrize("operation", [REQUEST, EXTENDED])
def test_a_payment_request_is_there_once_and_the_payers_list_settles_it(scene, operation, fault):
    name = f"{operation} {fault}"
    reply = scene.reply(name)
    check_reply(reply)
    (line,) = lines_of(scene.ledger, name)
    assert (reply.kind, reply.json["data"]["paymentId"]) == ("accepted", line["id"])
    assert (line["written"], line["status"]) == (1, "Pending")
    assert reply.json["data"].get("alreadyExists", False) is (fault in PROCESSED)


@pytest.mark.parametrize("operation", [REQUEST, EXTENDED])
@pytest.mark.parametrize("fault", sorted(BLOCKED))
def test_what_only_an_operator_can_correct_registers_nothing(scene, operation, fault):
    name = f"{operation} {fault}"
    assert (scene.reply(name).kind, lines_of(scene.ledger, name)) == ("failed", [])


def test_a_new_event_with_a_number_that_is_taken_is_refused(scene):
    reply = scene.reply("again")
    check_reply(reply)
    assert (reply.kind, scene.attempts("again")) == ("rejected", 1)
    assert "already present" in reply.json["errors"][0]["reason"]
    (line,) = lines_of(scene.ledger, "first")
    assert line["written"] == 1


def test_a_company_has_no_list_so_a_person_decides(scene):
    reply = scene.reply("company")
    check_reply(reply)
    assert (reply.kind, reply.json["code"]) == ("held", "outcome-unknown")
    (line,) = lines_of(scene.ledger, "company")
    assert line["written"] == 1


def test_a_type_that_is_never_sent_twice_is_settled_by_the_list_alone(scene):
    reply = scene.reply("never twice")
    check_reply(reply)
    (line,) = lines_of(scene.ledger, "never twice")
    assert (reply.kind, reply.json["data"]["paymentId"]) == ("accepted", line["id"])
    # A second message would have made a second request, and ended this one.
    assert (line["written"], line["status"]) == (1, "Pending")
