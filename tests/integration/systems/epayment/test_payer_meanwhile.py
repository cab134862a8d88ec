"""The payer acts between two attempts: replies say what the system shows, never more."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.systems.epayment.hospital import (
    CODE,
    DESK,
    EXTENDED,
    OFFICE,
    SET_PAID,
    STATUS,
    SUSPEND,
    SYSTEM,
    ais,
    asked,
    line_by_id,
    lines_of,
    requested,
    section_of,
    set_paid,
)
from tests.support.systems.scene import Case, perform
from tests.support.worker.evidence import check_reply
from tests.support.worker.installation import WorkerProcess, eventually, serving

LONG_NAME = "Измисленизмисленизмисленизмислен Примеров"
METHODS = {SUSPEND: "suspendRequest", SET_PAID: "setStatusPaid"}
PAYER = {"identifierType": "egn", "identifier": "7223154154"}


@pytest.fixture
def sandbox(sandbox_of):
    return sandbox_of(SYSTEM)


@pytest.fixture
def played(play, sandbox):
    def run(scene):
        return play(SYSTEM, sandbox, scene, signers={}, section=section_of(sandbox))

    return run


def paid_while_the_answer_is_lost(name, sandbox):
    """Take the request, lose its answer, let the payer pay, and only then let the second message through."""

    async def scene(installation):
        match = {"aisPaymentId": ais(name)}
        unavailable = {"kind": "status", "status": 503, "body": "html", "match": match}
        sandbox.faults([{"kind": "drop-after", "match": match, "times": 1}, unavailable])
        async with serving(installation.config()), installation.reading() as answers:
            await installation.publish(requested(name))
            await eventually(
                lambda: asyncio.to_thread(sandbox.ledger), lambda ledger: bool(lines_of(ledger, name))
            )
            sandbox.control("step", {"step": "pay", "aisPaymentId": ais(name)})
            sandbox.calm()
            await answers.answered([name])
        return answers.only(name)

    return scene


@pytest.mark.parametrize(
    ("numbers", "kind", "data"),
    [
        ("by-key", "accepted", {"alreadyExists": True, "status": "paid"}),
        # The refusal of the number says nothing of the status, and the list of what waits does not show it.
        ("unique", "held", {}),
    ],
)
def test_a_payer_who_paid_before_the_second_message(played, sandbox, numbers, kind, data):
    name = f"paid {numbers}"
    sandbox.control("settings", {"reference_numbers": numbers})
    reply = played(paid_while_the_answer_is_lost(name, sandbox))
    check_reply(reply)
    (line,) = lines_of(sandbox.ledger(), name)
    assert (reply.kind, line["status"], line["written"]) == (kind, "Paid", 1)
    assert (reply.json.get("data") or {}).items() >= data.items()


# The step of the payer, the change that comes after it, and what it is answered without and with an earlier attempt
# whose outcome is unknown.
TOO_LATE = [
    ("pay", SUSPEND, "rejected", "rejected"),
    ("expire", SUSPEND, "rejected", "rejected"),
    ("cancel", SUSPEND, "accepted", "accepted"),
    ("cancel", SET_PAID, "rejected", "rejected"),
    ("authorise", SET_PAID, "rejected", "rejected"),
    # It is paid; who paid, the status does not show, and the reply says so.
    ("pay", SET_PAID, "rejected", "accepted"),
]
DOUBTS = {"none": 2, "drop-before": 3}
"""The place of the expected kind in a row, by the fault of the first attempt."""


@pytest.fixture(scope="module")
def late(play, sandbox_of):
    """The replies to every change that comes too late, with the payment request before and after it."""
    sandbox = sandbox_of(SYSTEM)
    ids = iter(sandbox.control("seed", {"count": len(TOO_LATE) * len(DOUBTS)})["ids"])
    cases, payments = [], {}
    for step, operation, *_ in TOO_LATE:
        for fault in DOUBTS:
            name, payment = f"late {step} {operation} {fault}", next(ids)
            sandbox.control("step", {"step": step, "id": payment})
            data = set_paid(payment) if operation == SET_PAID else {"paymentId": payment}
            cases.append(Case(name, asked(name, operation, data), fault, {"operation": METHODS[operation]}))
            payments[name] = payment
    before = sandbox.ledger()
    scene = play(
        SYSTEM,
        sandbox,
        lambda installation: perform(installation, cases),
        signers={},
        section=section_of(sandbox),
    )
    return {
        name: (scene.reply(name), line_by_id(before, one), line_by_id(scene.ledger, one))
        for name, one in payments.items()
    }


@pytest.mark.parametrize("fault", DOUBTS)
@pytest.mark.parametrize("row", TOO_LATE, ids=lambda row: f"{row[0]}, {row[1]}")
def test_a_change_that_comes_too_late(late, row, fault):
    step, operation = row[:2]
    reply, before, after = late[f"late {step} {operation} {fault}"]
    check_reply(reply)
    assert reply.kind == row[DOUBTS[fault]]
    if (step, operation) == ("cancel", SUSPEND):
        assert (after["status"], reply.json["data"]["status"]) == ("Suspended", "suspended")
        return
    assert after == before
    if reply.kind == "accepted":
        assert (reply.json["data"]["status"], reply.json["data"]["settledByStatus"]) == ("paid", True)


def test_only_the_client_that_is_paid_may_change_a_request_that_another_made(played, sandbox):
    made = played(lambda one: perform(one, [Case("made", requested("made", EXTENDED))])).reply("made")
    check_reply(made)
    payment = {"paymentId": made.json["data"]["paymentId"]}
    cases = [
        Case("status", asked("status", STATUS, {"paymentIds": [payment["paymentId"]]})),
        *(
            Case(f"{signer} {operation}", asked(f"{signer} {operation}", operation, payment, signer))
            for signer in (DESK, OFFICE)
            for operation in (CODE, SUSPEND)
        ),
    ]
    scene = played(lambda installation: perform(installation, cases))
    assert scene.reply("status").json["data"]["payments"][0]["status"] == "pending"
    for operation in (CODE, SUSPEND):
        denied = scene.reply(f"{DESK} {operation}")
        assert (denied.kind, denied.json["code"]) == ("failed", "access-denied")
        assert scene.reply(f"{OFFICE} {operation}").kind == "accepted"
    assert scene.reply(f"{OFFICE} {CODE}").json["data"]["accessCode"] == made.json["data"]["accessCode"]


def test_an_error_that_repeats_what_was_sent_reaches_the_reply_and_no_log(played, sandbox):
    async def scene(installation):
        payer = {**PAYER, "name": LONG_NAME}
        worker = WorkerProcess(installation.config({"log": {"level": "debug"}}))
        try:
            await worker.ready()
            async with installation.reading() as answers:
                await installation.publish(requested("long name", payer=payer))
                await answers.answered(["long name"])
        finally:
            worker.terminate()
            await worker.ended()
        return answers, worker.log.read_text(encoding="utf-8")

    answers, log = played(scene)
    reply = answers.only("long name")
    check_reply(reply)
    assert reply.kind == "rejected"
    assert LONG_NAME.partition(" ")[0] in reply.json["errors"][0]["reason"]
    assert "long name" in log
    assert not any(word in log for word in (*LONG_NAME.split(" "), PAYER["identifier"]))
