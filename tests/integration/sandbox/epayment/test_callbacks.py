"""Callbacks over the network to a small receiver: the schedule, doubles, forgeries, order, size, and a burst."""

from __future__ import annotations

import asyncio
import base64
import ssl

import pytest
from aiohttp import web

from tests.support.sandbox.epayment.receiver import Receiver

HOUR = 3600.0


def pay(epayment, **chosen):
    return epayment.api.control("step", {"step": "pay", **chosen})


def settings(epayment, **given):
    return epayment.api.control("callbacks", given)


def ledger(epayment):
    return epayment.api.ledger()


async def until(condition):
    """Wait for what has no event of its own."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - it is seen from outside only
            await asyncio.sleep(0.01)


async def test_a_change_is_told_once_and_signed(register, epayment, receiver, secret):
    identifier = await register()
    pay(epayment, id=identifier)
    await epayment.settled()
    (came,) = receiver.came
    assert list(came.fields) == ["ClientId", "Hmac", "Data"]
    assert came.genuine(secret)
    assert came.headers["Content-Type"] == "application/x-www-form-urlencoded; charset=utf-8"
    (kept,) = ledger(epayment)["payments"]
    assert came.content["Id"] == kept["id"]
    assert came.content["Status"] == "Paid"
    assert came.content["ChangeTime"].endswith("0+02:00")
    (told,) = ledger(epayment)["callbacks"]
    assert (told["state"], told["failed"], told["aisPaymentId"], told["url"]) == (
        "sent",
        0,
        "HIS-1",
        receiver.url,
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, '{"success": true}'), (200, '{"success": false}'), (200, "<html></html>"), (204, ""), (401, "{}")],
)
async def test_what_does_not_accept_it_is_followed_by_another_attempt(
    register, epayment, receiver, status, body
):
    receiver.answers = [(status, body), (status, body), (200, '{"SUCCESS": "true"}')]
    settings(epayment, time_scale=0.0005)
    pay(epayment, id=await register())
    await epayment.settled()
    assert len(receiver.came) == 3
    assert len({came.raw for came in receiver.came}) == 1
    assert [one["accepted"] for one in ledger(epayment)["attempts"]] == [False, False, True]
    assert ledger(epayment)["callbacks"][0]["failed"] == 2


async def test_it_is_given_up_after_the_last_wait_of_the_schedule(register, epayment, receiver):
    receiver.answers = [(503, "")]
    settings(epayment, time_scale=0.00002, period_seconds=0.001)
    pay(epayment, id=await register())
    await epayment.settled(30)
    assert len(receiver.came) == 25
    (told,) = ledger(epayment)["callbacks"]
    assert (told["state"], told["failed"]) == ("terminated", 25)


async def test_the_clock_brings_the_next_attempt(register, epayment, receiver):
    receiver.answers = [(503, ""), (200, '{"success": true}')]
    pay(epayment, id=await register())
    await until(lambda: ledger(epayment)["attempts"])
    await asyncio.sleep(0.2)
    assert len(receiver.came) == 1
    epayment.service.clock.offset_seconds = 61
    await epayment.settled()
    assert len(receiver.came) == 2


async def test_a_receiver_that_is_not_there_is_tried_again(register, epayment):
    async with Receiver() as gone:
        url = gone.url
    settings(epayment, time_scale=0.0005)
    pay(epayment, id=await register(administrativeServiceNotificationURL=url))
    await until(lambda: len(ledger(epayment)["attempts"]) >= 3)
    assert {one["error"] for one in ledger(epayment)["attempts"]} == {"ClientConnectorError"}
    assert ledger(epayment)["callbacks"][0]["state"] == "pending"


async def test_a_receiver_that_hangs_is_left(register, epayment, receiver):
    receiver.delay = 1
    settings(epayment, timeout_seconds=0.1)
    pay(epayment, id=await register())
    await until(lambda: ledger(epayment)["attempts"])
    assert ledger(epayment)["attempts"][0]["error"] in {"TimeoutError", "ServerTimeoutError"}


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "callbacks", "http://", "http://[::1"])
async def test_an_address_that_cannot_be_read_is_an_error(register, epayment, url):
    pay(epayment, id=await register(administrativeServiceNotificationURL=url))
    await epayment.settled()
    assert ledger(epayment)["callbacks"][0]["state"] == "error"
    assert ledger(epayment)["attempts"] == []


async def test_doubles_and_forgeries_go_beside_the_genuine_one(register, epayment, receiver, secret):
    beside = [
        {},
        {"hmac": "forged"},
        {"hmac": "none"},
        {"client_id": "sandbox-municipality"},
        {"tampered": True},
    ]
    settings(epayment, beside=beside)
    pay(epayment, id=await register())
    await epayment.settled()
    assert len(receiver.came) == 6
    assert sum(came.genuine(secret) for came in receiver.came) == 3  # two of them name the right client
    assert sum("Hmac" not in came.fields for came in receiver.came) == 1
    assert [one["variant"] for one in ledger(epayment)["attempts"]].count({}) == 2
    assert len(ledger(epayment)["callbacks"]) == 1


async def test_only_the_genuine_answer_decides(register, epayment, receiver):
    settings(epayment, variant={"hmac": "forged"}, time_scale=0.0005)
    receiver.answers = [(401, ""), (401, ""), (200, '{"success": true}')]
    pay(epayment, id=await register())
    await epayment.settled()
    assert len(receiver.came) == 3


async def test_an_unsigned_callback_of_algorithm_1(register, epayment, receiver):
    pay(epayment, id=await register(obligationType="2"))
    await epayment.settled()
    assert list(receiver.came[0].fields) == ["ClientId", "Data"]


async def test_the_later_status_can_come_first(register, epayment, receiver):
    identifier = await register()
    settings(epayment, paused=True, order="reversed", concurrency=1)
    epayment.api.control("step", {"step": "order", "id": identifier})
    pay(epayment, id=identifier)
    await asyncio.sleep(0.2)
    assert receiver.came == []
    settings(epayment, paused=False)
    await epayment.settled()
    assert [came.content["Status"] for came in receiver.came] == ["Paid", "Ordered"]


async def test_a_huge_body(register, epayment, receiver, secret):
    settings(epayment, variant={"padding_bytes": 3_000_000})
    pay(epayment, id=await register())
    await epayment.settled()
    (came,) = receiver.came
    assert len(base64.b64decode(came.fields["Data"])) > 3_000_000
    assert came.genuine(secret)
    assert came.content["Status"] == "Paid"


async def test_time_expires_a_request_and_tells_of_it(register, epayment, receiver):
    await register(expirationDate="2099-01-01")
    epayment.service.clock.offset_seconds = 80 * 365 * 24 * HOUR
    await until(lambda: receiver.came)
    assert receiver.came[0].content["Status"] == "Expired"


async def test_a_burst_of_thousands_loses_nothing(epayment, receiver, secret):
    settings(epayment, concurrency=50, beside=[{"hmac": "forged"}])
    ids = epayment.api.control("seed", {"count": 2000, "notificationUrl": receiver.url})["ids"]
    pay(epayment, all=True)
    await epayment.settled(60)
    genuine = [came.content["Id"] for came in receiver.came if came.genuine(secret)]
    assert sorted(genuine) == sorted(ids)
    assert len(receiver.came) == 4000
    assert receiver.most_together > 10
    assert len(ledger(epayment)["attempts"]) == 4000


async def test_so_many_at_the_same_time_as_the_settings_say(epayment, receiver):
    receiver.delay = 0.01
    settings(epayment, concurrency=3)
    epayment.api.control("seed", {"count": 30, "notificationUrl": receiver.url})
    pay(epayment, all=True)
    await epayment.settled()
    assert receiver.most_together <= 3


async def test_callbacks_once_more(register, epayment, receiver):
    identifier = await register()
    pay(epayment, id=identifier)
    await epayment.settled()
    epayment.api.control("again", {"id": identifier})
    await epayment.settled()
    assert [came.raw for came in receiver.came] == [receiver.came[0].raw] * 2


async def test_the_receivers_certificate_is_not_verified(register, epayment):
    came = []

    async def take(request):
        came.append(await request.text())
        return web.json_response({"success": True})

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(epayment.pki.server_certificate_file, epayment.pki.server_key_file)
    app = web.Application()
    app.router.add_post("/c", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        url = f"https://127.0.0.1:{site.port}/c"
        pay(epayment, id=await register(administrativeServiceNotificationURL=url))
        await epayment.settled()
    finally:
        await runner.cleanup()
    assert len(came) == 1


async def test_a_reset_ends_what_waits(register, epayment, receiver):
    settings(epayment, paused=True)
    pay(epayment, id=await register())
    epayment.service.reset()
    await epayment.settled()
    await asyncio.sleep(0.2)
    assert receiver.came == []
    pay(epayment, id=await register())
    await epayment.settled()
    assert len(receiver.came) == 1
