"""What the sandbox sends on its own: push notifications of eDelivery, callbacks of ePayments."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from tests.support.sandbox.epayment.receiver import Receiver


@asynccontextmanager
async def receiving(statuses):
    """Listen for notifications; ``statuses`` are answered in order, the last one for ever."""
    came = []

    async def take(request):
        came.append((request.content_type, await request.text()))
        return web.Response(status=statuses.pop(0) if len(statuses) > 1 else statuses[0])

    app = web.Application()
    app.router.add_post("/secret/push", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site.port}/secret/push", came
    await runner.cleanup()


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what is waited for happens on the network
            await asyncio.sleep(0.02)


async def test_a_notification_of_a_received_message(sandbox, hospital):
    async with receiving([503, 200]) as (url, came):
        await hospital.control("POST", "push", {"url": url})
        number = (await hospital.control("POST", "message", {}))["messageId"]
        await until(lambda: sandbox.edelivery.notices.all[0].done)
    assert [json.loads(body) for _, body in came] == [{"EventType": "Received", "MessageId": number}] * 2
    assert {media for media, _ in came} == {"application/json"}
    [shown] = (await hospital.control("GET", "ledger"))["notifications"]
    assert (shown["attempts"], shown["outcome"]) == (2, "200")


async def test_a_notification_of_a_delivered_message(sandbox, hospital):
    async with receiving([200]) as (url, came):
        await hospital.control("POST", "push", {"url": url})
        number = (await hospital.letter()).json()
        await hospital.control("POST", "open", {"messageId": number})
        await until(lambda: came)
    assert json.loads(came[0][1]) == {"EventType": "Delivered", "MessageId": number}


@pytest.mark.parametrize("raw", ["not json", ""])
async def test_a_forged_notification_is_posted_once(sandbox, hospital, raw):
    async with receiving([500]) as (url, came):
        await hospital.control("POST", "forge", {"url": url, "raw": raw})
        await until(lambda: sandbox.edelivery.notices.all[0].done)
    assert [body for _, body in came] == [raw]


async def test_a_receiver_that_is_not_there(sandbox, hospital):
    await hospital.control("POST", "forge", {"url": "http://127.0.0.1:1/push", "raw": "x"})
    await until(lambda: sandbox.edelivery.notices.all[0].done)
    assert sandbox.edelivery.notices.all[0].outcome == "ClientConnectorError"


@pytest.fixture
def secret(sandbox):
    [client, _] = sandbox.ready()["payment_clients"]
    return Path(client["secret_file"]).read_text()


async def test_a_callback_of_a_payment_that_came_over_the_connector(secret, hospital):
    async with Receiver() as receiver:
        number = await registered(hospital, receiver.url)
        await hospital.control("POST", "payment-step", {"step": "pay", "id": number})
        await until(lambda: receiver.came)
    assert receiver.came[0].genuine(secret)
    assert (receiver.came[0].content["Id"], receiver.came[0].content["Status"]) == (number, "Paid")


async def registered(client, url):
    content = {
        "actors": [
            {
                "participantType": "APPLICANT",
                "type": "PERSON",
                "uid": {"type": "EGN", "value": "5523056031"},
                "name": "Измислена Петрова Иванова",
            }
        ],
        "paymentData": {
            "paymentId": "HIS-1",
            "currency": "EUR",
            "amount": "12.50",
            "referenceNumber": "REF-1",
            "referenceDate": "2020-12-01",
            "expirationDate": "2099-01-31T23:59:59",
            "reason": "Потребителска такса",
            "administrativeServiceNotificationURL": url,
        },
    }
    path = "/ep/connector/v1/registerPaymentExtended"
    answer = await client.call("POST", path, json=content, headers={"Service-Cid": "sandbox-hospital"})
    assert answer.status == 200, answer.content
    return answer.json()["paymentId"]
