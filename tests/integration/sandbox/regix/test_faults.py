"""The faults of all sandboxes at RegiX's endpoints, and what the ledger then holds."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from lxml import etree

from tests.support.systems.regix.envelopes import ASYNCHRONOUS, NS, VALID_PERSON
from tests.support.systems.regix.reading import result_of, said

LOST = (aiohttp.ClientError, ConnectionError)


async def executions(client):
    return len((await client.control("GET", "ledger"))["executions"])


@pytest.mark.parametrize(("kind", "done"), [("drop-before", 0), ("drop-after", 1), ("truncate", 1)])
async def test_a_broken_connection(hospital, kind, done):
    await hospital.control("POST", "faults", [{"kind": kind, "times": 1}])
    with pytest.raises(LOST):
        await hospital.execute()
    assert await executions(hospital) == done
    assert (await hospital.execute()).status == 200
    assert await executions(hospital) == done + 1


@pytest.mark.parametrize(("kind", "done"), [("hang-before", 0), ("hang-after", 1)])
async def test_a_timeout(hospital, kind, done):
    await hospital.control("POST", "faults", [{"kind": kind, "times": 1, "seconds": 5}])
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(hospital.execute(), 0.3)
    assert await executions(hospital) == done


@pytest.mark.parametrize(("kind", "done"), [("status", 0), ("status-after", 1)])
@pytest.mark.parametrize("status", [500, 502, 503])
async def test_an_error_of_the_server(hospital, kind, done, status):
    await hospital.control("POST", "faults", [{"kind": kind, "status": status, "body": "own", "times": 1}])
    answer = await hospital.execute()
    assert answer.status == status
    assert etree.fromstring(answer.content).find("s:Body/s:Fault", NS) is not None
    assert await executions(hospital) == done


async def test_a_wrong_content_type(hospital):
    await hospital.control("POST", "faults", [{"kind": "status-after", "status": 200, "body": "html"}])
    answer = await hospital.execute()
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert await executions(hospital) == 1


async def test_garbage_and_slowness(hospital):
    await hospital.control(
        "POST", "faults", [{"kind": "garbage", "times": 1}, {"kind": "delay", "seconds": 0.3, "times": 1}]
    )
    answer = await hospital.execute()
    assert answer.status == 200
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(answer.content)
    started = asyncio.get_running_loop().time()
    assert (await hospital.execute()).status == 200
    assert asyncio.get_running_loop().time() - started >= 0.3


async def test_a_wrong_answer(hospital):
    await hospital.control("POST", "faults", [{"kind": "wrong-answer", "times": 1}])
    answer = await hospital.execute()
    assert result_of(answer.content).findtext("d:Data/d:Request/*/*", namespaces=NS) == "8223091063"


async def test_rules_match_what_was_asked(hospital):
    rules = [
        {
            "kind": "drop-after",
            "match": {"operation": "Execute", "report": VALID_PERSON, "service_uri": "URI-1"},
        },
        {"kind": "status", "status": 503, "match": {"operation": "CheckResult", "call": "1"}},
        {"kind": "status", "status": 502, "match": {"consumer": "clinic"}},
    ]
    await hospital.control("POST", "faults", rules)
    with pytest.raises(LOST):
        await hospital.execute()
    assert (await hospital.ask("CheckResult", 1, "x")).status == 503
    assert (await hospital.ask("AcknowledgeResultReceived", 1, "x")).status == 200


async def test_a_lost_answer_of_an_asynchronous_request_leaves_a_call_behind(hospital):
    await hospital.control("POST", "faults", [{"kind": "drop-after", "times": 1}])
    with pytest.raises(LOST):
        await hospital.execute(processing=ASYNCHRONOUS)
    assert said((await hospital.execute(processing=ASYNCHRONOUS)).content)["ServiceCallID"] == "2"
    ledger = await hospital.control("GET", "ledger")
    assert [one["ServiceCallID"] for one in ledger["executions"]] == [1, 2]


async def test_an_outage(hospital):
    await hospital.control("POST", "outage", {"seconds": 0.3})
    with pytest.raises(LOST):
        await hospital.execute()
    await asyncio.sleep(0.6)
    assert (await hospital.execute()).status == 200
