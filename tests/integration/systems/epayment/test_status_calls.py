"""The sandbox calls `herald receiver`: thousands of status calls through an outage of Kafka, forged and repeated ones.

Every status that the system has come to is published once, with the submission that asked for the payment.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import pytest

from tests.support.systems.epayment.hospital import EXTENDED, OFFICE, SYSTEM, ais, requested
from tests.support.systems.epayment.receiving import Hospital
from tests.support.worker.installation import eventually, serving

TYPE = "epayment.payment.status-changed.v1"
SUBMITTED, SEEDED = 500, 1000
"""Payment requests of submissions, each authorized and then paid; and such that nobody here submitted, only paid."""
CALLS = 2 * SUBMITTED + SEEDED
FORGED = [{"hmac": "forged"}, {"hmac": "other-secret"}, {"tampered": True}]
MOST_SECONDS = 150.0
LOOK_SECONDS = 1.0
"""Between looks at a ledger of ten thousand calls, which the sandbox needs a tenth of a second to show."""


def number_of(name):
    """The reference number of a submission; every other one has none."""
    return {"rnu": f"RNU-{name}"} if int(name.rpartition("-")[2]) % 2 else {}


def settled(ledger):
    return len(ledger["callbacks"]) == CALLS and not any(
        one["state"] == "pending" for one in ledger["callbacks"]
    )


async def ledger_of(sandbox):
    return await asyncio.to_thread(sandbox.ledger)


@pytest.mark.timeout(420)
async def test_no_status_is_lost_doubled_or_taken_from_forgers(kafka_own, journal_dsn, tmp_path, sandbox_of):
    sandbox, broker = sandbox_of(SYSTEM), kafka_own.brokers[0]
    hospital = Hospital.build(kafka_own.bootstrap, journal_dsn, tmp_path, sandbox)
    config = hospital.with_receiver()
    names = [f"pay-{number}" for number in range(SUBMITTED)]
    sandbox.control("callbacks", {"paused": True, "time_scale": 0.001, "beside": [{}, *FORGED]})
    async with serving(config), hospital.reading() as answers:
        await hospital.publish(*(requested(name, extensions=number_of(name)) for name in names))
        await answers.answered(names, MOST_SECONDS)
    ids = {answers.only(name).json["data"]["paymentId"]: name for name in names}
    assert len(ids) == SUBMITTED
    for step in ("authorise", "pay"):
        sandbox.control("step", {"step": step, "ids": list(ids)})
    seeded = sandbox.control("seed", {"count": SEEDED, "notificationUrl": hospital.url})["ids"]
    sandbox.control("step", {"step": "pay", "ids": seeded})
    with hospital.receiver(config) as receiver:
        await receiver.ready()
        sandbox.control("callbacks", {"paused": False})
        await eventually(
            lambda: ledger_of(sandbox), lambda it: sent(it) > CALLS / 4, MOST_SECONDS, pause=LOOK_SECONDS
        )
        await asyncio.to_thread(broker.kill9)
        await asyncio.sleep(7)
        broker.start()
        await asyncio.to_thread(broker.wait_ready)
        ledger = await eventually(lambda: ledger_of(sandbox), settled, MOST_SECONDS, pause=LOOK_SECONDS)
    check_attempts(ledger)
    records = await hospital.notifications()
    check_records(records, ids, seeded, answers)
    log = receiver.log.read_text(encoding="utf-8")
    assert "Traceback" not in log
    assert hospital.url not in log


def sent(ledger):
    return sum(one["state"] == "sent" for one in ledger["callbacks"])


def check_attempts(ledger):
    """Every callback was accepted in the end, and no forgery ever was."""
    assert Counter(one["state"] for one in ledger["callbacks"]) == {"sent": CALLS}
    genuine = [one for one in ledger["attempts"] if one["variant"] not in FORGED]
    forged = [one for one in ledger["attempts"] if one["variant"] in FORGED]
    assert len(genuine) >= 2 * CALLS
    assert len(forged) >= len(FORGED) * CALLS
    assert not any(one["accepted"] for one in forged)
    assert {one["status"] for one in forged} <= {401, 503, None}
    assert {one["status"] for one in genuine} == {200, 503}


def check_records(records, ids, seeded, answers):
    """One record for each status, and for each submission both of its statuses."""
    assert len({one.headers["ce_id"] for one in records}) == len(records) == CALLS
    assert {one.headers["ce_type"] for one in records} == {TYPE}
    found = Counter()
    for record in records:
        data = json.loads(record.value)
        assert data["confirmedBy"] == "signature"
        name = ids.get(data["paymentId"])
        found[name or data["paymentId"], data["status"]] += 1
        assert record.headers.get("ce_submissionid") == name
        assert record.headers.get("ce_rnu") == (name and number_of(name).get("rnu"))
        if name is not None:
            assert record.key == answers.only(name).key
    expected = {(name, status) for name in ids.values() for status in ("authorized", "paid")}
    assert found == dict.fromkeys(expected | {(one, "paid") for one in seeded}, 1)


async def test_statuses_that_arrive_out_of_order_are_each_published(kafka, journal_dsn, tmp_path, sandbox_of):
    sandbox = sandbox_of(SYSTEM)
    sandbox.reset()
    hospital = Hospital.build(kafka.bootstrap, journal_dsn, tmp_path, sandbox)
    config = hospital.with_receiver()
    sandbox.control("callbacks", {"paused": True, "order": "reversed", "concurrency": 1})
    async with serving(config), hospital.reading() as answers:
        await hospital.publish(requested("turned"))
        await answers.answered(["turned"])
    for step in ("authorise", "pay"):
        sandbox.control("step", {"step": step, "aisPaymentId": ais("turned")})
    with hospital.receiver(config) as receiver:
        await receiver.ready()
        sandbox.control("callbacks", {"paused": False})
        records = await eventually(hospital.notifications, lambda it: len(it) == 2, 30)
    told = [json.loads(one.value) for one in records]
    assert [one["status"] for one in told] == ["paid", "authorized"]
    assert told[0]["changeTime"] > told[1]["changeTime"]
    assert {one.key for one in records} == {answers.only("turned").key}
    assert {one.headers["ce_submissionid"] for one in records} == {"turned"}
    assert {one.headers["ce_submissionsource"] for one in records} == {
        answers.only("turned").headers["ce_submissionsource"]
    }


async def test_a_request_for_another_client_is_called_about_as_that_client(
    kafka, journal_dsn, tmp_path, sandbox_of
):
    sandbox = sandbox_of(SYSTEM)
    sandbox.reset()
    hospital = Hospital.build(kafka.bootstrap, journal_dsn, tmp_path, sandbox)
    config = hospital.with_receiver()
    async with serving(config), hospital.reading() as answers:
        await hospital.publish(requested("for another", EXTENDED))
        await answers.answered(["for another"])
    with hospital.receiver(config) as receiver:
        await receiver.ready()
        sandbox.control("step", {"step": "pay", "aisPaymentId": ais("for another")})
        (record,) = await eventually(hospital.notifications, bool, 30)
    assert json.loads(record.value)["client"] == OFFICE
    assert record.headers["ce_submissionid"] == "for another"
