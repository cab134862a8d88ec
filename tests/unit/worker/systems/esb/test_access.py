"""Access to the ESB: which token serves whom, and when it is forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from contracts.reasons import Reason
from tests.support.signing.certificates import issue
from tests.support.signing.signers import file_key
from tests.support.systems.esb.access import KEYS, NOW, Service, access, json_answer
from worker.outcome import Blocked, Retry
from worker.systems.esb.acting import Acting
from worker.systems.esb.port import UnknownActing
from worker.systems.port import NotPrepared, Prepared

WARD = Acting(oid="2.16.100.1")


def carrying(headers, signer="one"):
    return Prepared("o", signer, "m", "i", "https://x", b"", {}, headers)


@pytest.fixture
def service():
    return Service()


async def test_a_token_serves_its_signer_scope_and_those_it_acts_for_alone(service):
    esb, _ = access(service)
    wanted = [
        ("one", "/ep*", Acting()),
        ("one", "/ed2*", Acting()),
        ("one", "/ep*", WARD),
        ("two", "/ep*", Acting()),
    ]
    first = [await esb.authorisation(*one) for one in wanted]
    again = [await esb.authorisation(*one) for one in wanted]
    assert first == again == [{"authorization": f"Bearer t-{number}"} for number in (1, 2, 3, 4)]
    assert "OID" not in service.tokens[0].headers
    assert service.tokens[2].headers["OID"] == "2.16.100.1"


async def test_however_many_wait_one_request_is_made(service):
    esb, _ = access(service)
    got = await asyncio.gather(*(esb.authorisation("one", "/ep*", Acting()) for _ in range(20)))
    assert (len(got), len(service.tokens)) == (20, 1)


async def test_the_client_id_is_the_certificates_common_name_unless_the_settings_have_another(service):
    esb, _ = access(service, client_ids={"two": "our-own-id"})
    for signer in ("one", "two"):
        await esb.authorisation(signer, "/ep*", Acting())
    assert "client_id=one.hospital.example" in service.tokens[0].url
    assert "client_id=our-own-id" in service.tokens[1].url


async def test_a_dropped_token_is_asked_for_anew_and_a_newer_one_stays(service):
    esb, _ = access(service)
    old = await esb.authorisation("one", "/ep*", Acting())
    esb.drop(carrying(old))
    new = await esb.authorisation("one", "/ep*", Acting())
    esb.drop(carrying(old))
    assert await esb.authorisation("one", "/ep*", Acting()) == new != old


async def test_dropping_leaves_other_signers_and_scopes_alone(service):
    esb, _ = access(service)
    mine = await esb.authorisation("one", "/ep*", Acting())
    await esb.authorisation("one", "/ed2*", Acting())
    await esb.authorisation("two", "/ep*", Acting())
    esb.drop(carrying(mine))
    await esb.authorisation("one", "/ed2*", Acting())
    await esb.authorisation("two", "/ep*", Acting())
    assert len(service.tokens) == 3


async def test_a_token_is_renewed_before_its_end(service):
    now = 0.0
    esb, _ = access(service, time=lambda: now, token_renewal_margin=100)
    await esb.authorisation("one", "/ep*", Acting())
    now = 950.0
    assert await esb.authorisation("one", "/ep*", Acting()) == {"authorization": "Bearer t-1"}
    await asyncio.sleep(0.01)
    assert await esb.authorisation("one", "/ep*", Acting()) == {"authorization": "Bearer t-2"}


async def test_a_new_certificate_forgets_the_tokens_of_the_earlier_one(service):
    esb, _ = access(service)
    await esb.authorisation("one", "/ep*", Acting())
    await esb.authorisation("two", "/ep*", Acting())
    key = file_key("one", issue("one.hospital.example"), clock=lambda: NOW)
    esb.renewal("one", key)()
    esb.renewal("a signer of another system", key)()
    await esb.authorisation("one", "/ep*", Acting())
    await esb.authorisation("two", "/ep*", Acting())
    assert len(service.tokens) == 3


async def test_one_failed_request_is_one_failure_for_all_who_waited(service):
    service.token_answer = json_answer({}, 503)
    esb, _ = access(service)
    failures = await asyncio.gather(
        *(esb.authorisation("one", "/ep*", Acting()) for _ in range(3)), return_exceptions=True
    )
    assert {type(one) for one in failures} == {NotPrepared}
    assert (len({one.shared for one in failures}), type(failures[0].outcome)) == (1, Retry)


async def test_an_unusable_signer_asks_nobody(service):
    esb, _ = access(service, unusable={"one": "its file cannot be read"})
    with pytest.raises(NotPrepared) as none:
        await esb.authorisation("one", "/ep*", Acting())
    assert none.value.outcome == Blocked(Reason.SIGNING_FAILED, 'signer "one": its file cannot be read')
    assert service.tokens == []
    assert [one.signer for one in esb.endpoints()] == ["two", "two"]


async def test_an_expired_certificate_asks_nobody(service):
    expired = issue("one", end=NOW - timedelta(days=1))
    esb, _ = access(service, keys={**KEYS, "one": file_key("one", expired, clock=lambda: NOW)})
    with pytest.raises(NotPrepared) as none:
        await esb.authorisation("one", "/ep*", Acting())
    assert none.value.outcome.reason == Reason.CERTIFICATE_NOT_VALID
    assert await esb.try_login("one", "/ep*", Acting()) == none.value.outcome
    assert service.tokens == []


async def test_a_certificate_without_a_common_name_needs_the_setting(service):
    nameless = {**KEYS, "one": file_key("one", issue("име"), clock=lambda: NOW)}
    esb, _ = access(service, keys=nameless)
    outcome = await esb.try_login("one", "/ep*", Acting())
    assert (type(outcome), outcome.reason) == (Blocked, Reason.CONFIGURATION)
    assert "esb.client_ids.one" in outcome.detail


def test_a_signer_acts_for_whom_the_settings_name():
    acting = {"one": {"ward": {"oid": "2.16.100.1"}, "default": {"operator_id": "o-1"}}}
    esb, _ = access(Service(), acting=acting)
    assert esb.acting("one", "ward") == WARD
    assert esb.acting("one") == Acting(operator_id="o-1")
    assert esb.acting("two") == Acting()


@pytest.mark.parametrize(("signer", "name"), [("one", "other"), ("two", "ward"), ("one", "2.16.100.1")])
def test_a_name_that_the_settings_lack_acts_for_nobody(signer, name):
    esb, _ = access(Service(), acting={"one": {"ward": {"oid": "2.16.100.1"}}})
    with pytest.raises(UnknownActing, match=f"esb.acting.{signer}"):
        esb.acting(signer, name)


@pytest.mark.parametrize(
    ("status", "alive"),
    [(200, True), (401, True), (404, True), (500, True), (502, False), (503, False), (504, False)],
)
async def test_a_probe_asks_the_gateway_without_a_token(service, status, alive):
    service.answer = json_answer({}, status)
    esb, _ = access(service)
    assert (await esb.probe() is None) is alive
    (request,) = service.others
    assert (request.url, dict(request.headers)) == ("https://esb.test:5051/", {})


async def test_without_a_path_to_probe_or_a_certificate_nothing_is_asked(service):
    for changes in ({"probe_path": None}, {"unusable": {"one": "x", "two": "x"}}):
        esb, client = access(service, **changes)
        assert await esb.probe() is None
        assert client.requests == []


async def test_trying_to_log_in_leaves_no_token_behind(service):
    esb, _ = access(service)
    assert await esb.try_login("one", "/ep*", Acting()) is None
    await esb.authorisation("one", "/ep*", Acting())
    assert len(service.tokens) == 2


async def test_closing_closes_the_connections(service):
    esb, client = access(service)
    await esb.authorisation("one", "/ep*", Acting())
    await esb.aclose()
    assert client.closed
