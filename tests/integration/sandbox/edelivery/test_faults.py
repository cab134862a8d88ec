"""The faults of all sandboxes at the ESB, and what the ledger then holds."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

LOST = (aiohttp.ClientError, ConnectionError)
SEND = {"operation": "messages.send"}


async def sent(client):
    return len((await client.control("GET", "ledger"))["messages"])


@pytest.mark.parametrize(("kind", "done"), [("drop-before", 0), ("drop-after", 1), ("truncate", 1)])
async def test_a_broken_connection(hospital, kind, done):
    await hospital.token()
    await hospital.control("POST", "faults", [{"kind": kind, "times": 1, "match": {**SEND, "rnu": "rnu-1"}}])
    with pytest.raises(LOST):
        await hospital.letter()
    assert await sent(hospital) == done
    assert (await hospital.letter()).status == 200
    assert await sent(hospital) == done + 1


@pytest.mark.parametrize(("kind", "done"), [("hang-before", 0), ("hang-after", 1)])
async def test_a_timeout(hospital, kind, done):
    await hospital.token()
    await hospital.control("POST", "faults", [{"kind": kind, "times": 1, "seconds": 5, "match": SEND}])
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(hospital.letter(), 0.5)
    assert await sent(hospital) == done


@pytest.mark.parametrize(
    ("status", "media"),
    [(401, "application/json"), (429, "application/json"), (500, "application/problem+json")],
)
@pytest.mark.parametrize(("kind", "done"), [("status", 0), ("status-after", 1)])
async def test_an_error_in_the_own_form(hospital, kind, done, status, media):
    rule = {"kind": kind, "status": status, "body": "own", "times": 1, "headers": {"Retry-After": "2"}}
    await hospital.control("POST", "faults", [rule])
    answer = await hospital.letter()
    assert (answer.status, answer.content_type) == (status, media)
    assert await sent(hospital) == done


@pytest.mark.parametrize("status", [502, 503])
async def test_a_page_of_a_gateway(hospital, status):
    await hospital.control("POST", "faults", [{"kind": "status", "status": status, "times": 1}])
    answer = await hospital.letter()
    assert (answer.status, answer.content_type) == (status, "text/html")


async def test_tokens_end_early(hospital):
    await hospital.token()
    await hospital.control("POST", "faults", [{"kind": "expire-tokens"}])
    answer = await hospital.letter()
    assert (answer.status, answer.json()["failureOrigin"]) == (401, "OAUTH")
    assert await sent(hospital) == 0


async def test_a_revoked_token(sandbox, hospital):
    await hospital.token()
    await hospital.control("POST", "revoke", {})
    assert (await hospital.letter()).status == 401


async def test_the_token_service_fails_alone(sandbox, hospital):
    rule = {"kind": "status", "status": 503, "body": "own", "times": 1}
    await hospital.control("POST", "faults", [rule], base=sandbox.token_url)
    answer = await hospital.ask_token()
    assert (answer.status, answer.json()["failureOrigin"]) == (503, "OAUTH")
    assert (await hospital.letter()).status == 200


async def test_an_answer_to_another_request(hospital):
    await hospital.control("POST", "faults", [{"kind": "wrong-answer", "match": SEND}])
    assert (await hospital.letter()).json() == 999_999


async def test_half_a_download(hospital):
    made = await hospital.control("POST", "message", {"files": [{"name": "a", "size": 300_001}]})
    opened = (await hospital.call("GET", f"/ed2/api/messages/{made['messageId']}/open")).json()
    [[file]] = opened["fields"].values()
    await hospital.control(
        "POST", "faults", [{"kind": "truncate", "times": 1, "match": {"operation": "download"}}]
    )
    with pytest.raises(LOST):
        await hospital.chunks(file["downloadLink"])
    status, length, parts = await hospital.chunks(file["downloadLink"])
    assert (status, length, sum(map(len, parts))) == (200, 300_001, 300_001)
