"""Each fault as a client sees it on the wire, and what the ledger holds afterwards."""

from __future__ import annotations

import asyncio
import ssl
import time

import aiohttp
import pytest
import uvloop

from sandbox.nhis.server import Sandbox
from tests.support.systems.nhis.client import immunization

RESETS = (ConnectionResetError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)


@pytest.fixture(autouse=True)
async def authorized(ivanova):
    await ivanova.authorize()


def count(nhis):
    return len(nhis.ledger.registrations)


async def test_drop_before_resets_and_registers_nothing(nhis, ivanova):
    rule = nhis.faults.add("drop-before", times=1)

    with pytest.raises(RESETS):
        await ivanova.register()

    assert (count(nhis), rule.fired) == (0, 1)
    logged = nhis.request_log[-1]
    assert (logged.fault, logged.processed, logged.outcome) == ("drop-before", False, "dropped")
    assert (await ivanova.register()).status == 200


async def test_drop_is_a_reset_not_an_orderly_end(nhis, ivanova):
    nhis.faults.add("drop-before")
    reader, writer = await asyncio.open_connection("127.0.0.1", nhis._port, ssl=ivanova._tls)
    writer.write(b"GET /token HTTP/1.1\r\nHost: localhost\r\n\r\n")

    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()


async def test_drop_after_registers_and_resets(nhis, ivanova):
    nhis.faults.add("drop-after", times=1)

    with pytest.raises(RESETS):
        await ivanova.register(lrn="LRN-1")

    assert count(nhis) == 1
    repeated = await ivanova.register(lrn="LRN-1")
    assert repeated.rules == ["RL080"]


@pytest.mark.parametrize(("kind", "registered"), [("hang-before", 0), ("hang-after", 1)])
async def test_hangs_end_in_a_reset(nhis, ivanova, kind, registered):
    nhis.faults.add(kind, times=1, seconds=0.3)
    started = time.monotonic()

    with pytest.raises(RESETS):
        await ivanova.register()

    assert time.monotonic() - started >= 0.3
    assert count(nhis) == registered


async def test_hang_outlasts_an_impatient_client_and_not_the_sandbox(nhis, ivanova):
    nhis.faults.add("hang-before")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ivanova.register(), 0.3)

    started = time.monotonic()
    await nhis.stop()
    assert time.monotonic() - started < 5


async def test_delay_answers_later(nhis, ivanova):
    nhis.faults.add("delay", times=1, seconds=0.3)
    started = time.monotonic()

    assert (await ivanova.register()).status == 200
    assert time.monotonic() - started >= 0.3


async def test_delay_registers_though_the_client_has_gone(nhis, ivanova):
    nhis.faults.add("delay", times=1, seconds=0.4)

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ivanova.register(), 0.1)
    assert count(nhis) == 0
    await asyncio.sleep(0.6)

    assert count(nhis) == 1


@pytest.mark.parametrize(
    ("body", "content_type", "start"),
    [("html", "text/html", b"<html>"), ("empty", "text/html", b""), ("own", "application/xml", b"<?xml")],
)
async def test_status_with_headers_and_each_body(nhis, ivanova, body, content_type, start):
    nhis.faults.add("status", times=1, status=503, headers={"Retry-After": "7"}, body=body)

    reply = await ivanova.register()

    assert (reply.status, reply.headers["Retry-After"]) == (503, "7")
    assert reply.headers["Content-Type"].startswith(content_type)
    assert reply.body.startswith(start)
    assert bool(reply.body) == bool(start)
    assert count(nhis) == 0


async def test_garbage_is_an_answer_that_cannot_be_read(nhis, ivanova):
    nhis.faults.add("garbage", times=1)

    reply = await ivanova.register()

    assert reply.status == 200
    with pytest.raises(UnicodeDecodeError):
        reply.body.decode()
    assert count(nhis) == 1


async def test_truncate_sends_half_of_what_it_promised(nhis, ivanova):
    nhis.faults.add("truncate", times=1)

    with pytest.raises(aiohttp.ClientPayloadError):
        await ivanova.register()

    assert count(nhis) == 1


async def test_wrong_message_id(nhis, ivanova):
    nhis.faults.add("wrong-answer", times=1)
    message_id = "11111111-1111-4111-8111-111111111111"

    reply = await ivanova.send("I001", immunization(ivanova.uin), messageId=message_id)

    assert reply.status == 200
    assert len(reply.value("header/messageId")) == 36
    assert reply.value("header/messageId") != message_id


async def test_outage_refuses_connections_and_ends(nhis, ivanova, petrov):
    await petrov.authorize()
    nhis.faults.add("outage", seconds=0.5)

    with pytest.raises(RESETS):
        await ivanova.register()
    with pytest.raises(aiohttp.ClientConnectorError) as refused:
        await petrov.register()
    assert isinstance(refused.value.os_error, ConnectionRefusedError)
    await asyncio.sleep(0.8)

    assert (await ivanova.register()).status == 200
    assert count(nhis) == 1


async def test_outage_by_control_starts_at_once(nhis, ivanova):
    assert await ivanova.control("POST", "outage", {"seconds": 0.5}) == {"seconds": 0.5}
    await asyncio.sleep(0.1)

    with pytest.raises(aiohttp.ClientError):
        await ivanova.register()
    await asyncio.sleep(0.8)
    assert (await ivanova.register()).status == 200


async def test_stop_during_an_outage(nhis, ivanova):
    nhis.start_outage(60)
    await asyncio.sleep(0.1)

    await asyncio.wait_for(nhis.stop(), 5)


async def test_expire_tokens(nhis, ivanova):
    nhis.faults.add("expire-tokens")

    assert (await ivanova.register()).status == 401
    await ivanova.authorize()
    assert (await ivanova.register()).status == 200


async def test_faults_of_the_token_endpoint(nhis, ivanova):
    nhis.faults.add("status", match={"messageType": "S001"}, times=1, status=500)

    assert (await ivanova.call("GET", "/token")).status == 500
    assert (await ivanova.call("GET", "/token")).status == 401


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({"messageType": "I001"}, True),
        ({"messageType": "I003"}, False),
        ({"lrn": "LRN-1"}, True),
        ({"lrn": "LRN-2"}, False),
        ({"signer": "2300000011"}, True),
        ({"signer": "2300000022"}, False),
        ({"patient": "8621011000"}, True),
        ({"patient": "8621011001"}, False),
        ({"messageType": "I001", "lrn": "LRN-2"}, False),
    ],
)
async def test_matching(nhis, ivanova, match, hit):
    nhis.faults.add("status", match=match, status=500)

    assert ((await ivanova.register(lrn="LRN-1")).status == 500) is hit


async def test_matching_by_nrn(nhis, ivanova):
    nhis.faults.add("status", match={"nrn": "26000000000A"}, status=500)

    assert (await ivanova.send("I003", {"nrnImmunization": "26000000000A"})).status == 500
    assert (await ivanova.send("I003", {"nrnImmunization": "26000000000B"})).status == 200


async def test_unreadable_request_still_meets_faults(nhis, ivanova):
    nhis.faults.add("status", status=500)

    assert (await ivanova.post("I001", b"not xml")).status == 500
    assert nhis.request_log.counters() == {"S001": {"S001": 2}, "unreadable": {"500": 1}}


def test_drop_is_a_reset_under_uvloop_too(directory):
    async def dropped() -> None:
        async with Sandbox(directory) as nhis:
            nhis.faults.add("drop-before")
            tls = ssl.create_default_context(cafile=str(nhis.ca_file))
            reader, writer = await asyncio.open_connection("127.0.0.1", nhis._port, ssl=tls)
            writer.write(b"GET /token HTTP/1.1\r\nHost: localhost\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                await reader.read()
            writer.close()

    uvloop.run(dropped())
