"""Calls without HMAC: refused, or confirmed by asking the system, where the settings name the caller's network."""

from __future__ import annotations

import asyncio
import base64
import json
from contextlib import asynccontextmanager

import pytest

from tests.support.systems.epayment.hospital import SYSTEM, ais, requested
from tests.support.systems.epayment.receiving import Hospital
from tests.support.worker.installation import eventually, serving

UNSIGNED_TYPE = "2"
"""A type of obligation of the sandbox with algorithm 1: its calls have no HMAC, and tell only of Paid."""
NAMED, UNNAMED = ["127.0.0.0/8"], ["192.0.2.0/24"]
EXPECTED_ATTEMPTS = 3


@pytest.fixture
def sandbox(sandbox_of):
    return sandbox_of(SYSTEM)


@pytest.fixture
def build(kafka, journal_dsn, tmp_path, sandbox):
    def made(networks):
        sandbox.reset()
        sandbox.control("callbacks", {"time_scale": 0.001})
        return Hospital.build(
            kafka.bootstrap, journal_dsn, tmp_path, sandbox, unsigned_callback_networks=networks
        )

    return made


@asynccontextmanager
async def receiving(hospital, name):
    """Have a payment requested, and a receiver that takes calls; gives the identifier of the payment request."""
    config = hospital.with_receiver()
    async with serving(config), hospital.reading() as answers:
        await hospital.publish(requested(name, obligationType=UNSIGNED_TYPE))
        await answers.answered([name])
    with hospital.receiver(config) as receiver:
        await receiver.ready()
        yield answers.only(name).json["data"]["paymentId"]


async def attempts_of(sandbox):
    return (await asyncio.to_thread(sandbox.ledger))["attempts"]


def call_of(payment_id, status="Paid"):
    """The form of a call without HMAC, as anybody could write it."""
    stated = {"Id": payment_id, "Status": status, "ChangeTime": "2026-03-01T12:00:00.0000000+02:00"}
    data = base64.b64encode(json.dumps(stated).encode()).decode()
    return {"ClientId": "sandbox-hospital", "Data": data}


async def test_a_call_without_hmac_is_refused_from_everywhere_else(build, sandbox):
    hospital = build(UNNAMED)
    async with receiving(hospital, "refused"):
        sandbox.control("step", {"step": "pay", "aisPaymentId": ais("refused")})
        seen = await eventually(lambda: attempts_of(sandbox), lambda it: len(it) >= EXPECTED_ATTEMPTS)
        assert {(one["status"], one["accepted"]) for one in seen} == {(401, False)}
    assert await hospital.notifications() == []


async def test_a_call_without_hmac_says_what_the_system_confirms(build, sandbox):
    hospital = build(NAMED)
    async with receiving(hospital, "asked") as payment_id:
        sandbox.control("step", {"step": "pay", "aisPaymentId": ais("asked")})
        (record,) = await eventually(hospital.notifications, bool, 30)
        (last,) = [one for one in await attempts_of(sandbox) if one["accepted"]]
    told = json.loads(record.value)
    assert last["status"] == 200
    assert (told["paymentId"], told["status"]) == (payment_id, "paid")
    assert (told["confirmedBy"], told["statedStatus"]) == ("status-query", "paid")
    assert record.headers["ce_submissionid"] == "asked"
    assert sandbox.ledger()["performed"]["paymentsStatus"] >= 1


async def test_a_call_that_nobody_signed_and_the_system_does_not_confirm_publishes_nothing(build, sandbox):
    hospital = build(NAMED)
    async with receiving(hospital, "invented") as payment_id, hospital.client() as client:
        answers = {
            one: (await client.post(hospital.url, data=call_of(one))).status_code
            for one in (payment_id, "2603011")
        }
        sandbox.outage(5)
        unavailable = await client.post(hospital.url, data=call_of(payment_id))
    # It is still pending; the other one is nobody's; and a system that does not answer confirms nothing.
    assert answers == {payment_id: 503, "2603011": 401}
    assert (unavailable.status_code, unavailable.headers["retry-after"]) == (503, "30")
    assert await hospital.notifications() == []
