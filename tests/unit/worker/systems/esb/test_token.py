"""Token requests: the two forms, the headers, and what each answer means."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reasons import Reason
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.systems.esb.access import NOW, URLS, failure, json_answer
from worker.outcome import Blocked, Retry
from worker.systems.esb.acting import Acting
from worker.systems.esb.settings import EsbSettings
from worker.systems.esb.token import Request, TokenService, granted_in
from worker.systems.tokens import Granted
from worker.transport.port import Answer, DeliveryError

TOKEN = {
    "token_type": "Bearer",
    "access_token": "abc.def",
    "expires_in": 600,
    "grant_type": "client_credentials",
}
FIELDS = {"grant_type": ["client_credentials"], "client_id": ["his & co"], "scope": ["/ep*"]}


async def fetch(*script, acting=None, **settings):
    client = ScriptedClient(list(script))
    service = TokenService(EsbSettings.model_validate({**URLS, **settings}), lambda: NOW)
    return await service.fetch(
        client, Request("one", "his & co", "/ep*", acting or Acting())
    ), client.requests


async def test_the_parameters_stand_in_the_address():
    granted, (request,) = await fetch(json_answer(TOKEN))
    assert granted == Granted("abc.def", 600.0)
    url = urlsplit(request.url)
    assert (request.method, url.netloc, url.path, parse_qs(url.query)) == (
        "POST",
        "esb.test:5050",
        "/token",
        FIELDS,
    )
    assert (request.content, request.headers) == (b"", {"accept": "application/json"})


async def test_or_in_the_body_as_a_form():
    _, (request,) = await fetch(json_answer(TOKEN), parameters="form")
    assert request.url == "https://esb.test:5050/token"
    assert parse_qs(request.content.decode()) == FIELDS
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


async def test_for_whom_a_signer_acts_are_headers():
    _, (request,) = await fetch(json_answer(TOKEN), acting=Acting("p-1", "c-1", "o-1", "2.16.100"))
    sent = {name: value for name, value in request.headers.items() if name != "accept"}
    assert sent == {
        "representedPersonID": "p-1",
        "correspondentOID": "c-1",
        "operatorID": "o-1",
        "OID": "2.16.100",
    }


@pytest.mark.parametrize(
    ("expires_in", "seconds"),
    [
        (600, 600.0),
        ("600", 600.0),
        (0, None),
        (-1, None),
        ("", None),
        ("soon", None),
        (1.5, None),
        (None, None),
        (True, None),
        ("9" * 10, None),
        ([600], None),
    ],
)
def test_a_lifetime_is_a_number_or_a_text(expires_in, seconds):
    found = granted_in(json_answer(TOKEN | {"expires_in": expires_in}))
    assert (found and found.seconds) == seconds


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "ключ", None, 5.5, {"a": 1}, "x" * 16385], ids=repr)
def test_what_cannot_be_a_token_is_none(token):
    assert granted_in(json_answer(TOKEN | {"access_token": token})) is None


@pytest.mark.parametrize(
    ("answer", "kind", "reason", "delay"),
    [
        (json_answer({}, 200), Retry, Reason.TOKEN_UNAVAILABLE, None),
        (Answer(200, {}, b"<html>"), Retry, Reason.TOKEN_UNAVAILABLE, None),
        (json_answer({"error": "invalid_client"}, 400), Blocked, Reason.ACCESS_DENIED, None),
        (json_answer({"error": "invalid_client"}, 401), Blocked, Reason.ACCESS_DENIED, None),
        (json_answer({}, 403), Blocked, Reason.ACCESS_DENIED, None),
        (json_answer({}, 404), Blocked, Reason.NOT_FOUND, None),
        (json_answer({}, 302), Blocked, Reason.CONFIGURATION, None),
        (json_answer({}, 429, **{"retry-after": "7"}), Retry, Reason.TOKEN_UNAVAILABLE, 7.0),
        (json_answer({}, 503), Retry, Reason.TOKEN_UNAVAILABLE, None),
        (json_answer(failure("OAUTH", "x", wait=9), 503), Retry, Reason.TOKEN_UNAVAILABLE, 9.0),
        (json_answer(failure("OAUTH", "x", wait=9), 400), Retry, Reason.TOKEN_UNAVAILABLE, 9.0),
        (json_answer(failure("OAUTH", "x"), 400), Blocked, Reason.ACCESS_DENIED, None),
        (DeliveryError("dns-failure", "no such host", sent=False), Retry, Reason.TOKEN_UNAVAILABLE, None),
    ],
    ids=[
        "empty",
        "page",
        "400",
        "401",
        "403",
        "404",
        "302",
        "429",
        "503",
        "wait",
        "400 with wait",
        "400 dto",
        "dns",
    ],
)
async def test_what_an_answer_without_a_token_means(answer, kind, reason, delay):
    outcome, _ = await fetch(answer, acting=Acting(represented_person_id="7223154154"))
    assert (type(outcome), outcome.reason, getattr(outcome, "delay", None)) == (kind, reason, delay)
    assert "7223154154" not in outcome.detail


async def test_what_the_token_states_is_asked_for_where_the_settings_say_so():
    granted, (_, request) = await fetch(
        json_answer(TOKEN), json_answer({"active": True, "miscinfo": "dn:/C=BG/CN=x|||"}), introspect=True
    )
    assert granted.headers == {"dp-miscinfo": "dn:/C=BG/CN=x|||"}
    assert parse_qs(urlsplit(request.url).query) == {
        "token": ["abc.def"],
        "token_type_hint": ["access_token"],
    }
    assert "abc.def" not in repr(granted)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (json_answer({"active": False}), Blocked),
        (json_answer({"miscinfo": "a\r\nX: y"}), Blocked),
        (json_answer({}, 500), Retry),
        (DeliveryError("answer-timeout", "late", sent=True), Retry),
    ],
    ids=["none", "two lines", "500", "late"],
)
async def test_a_token_without_it_is_not_used(answer, kind):
    outcome, _ = await fetch(json_answer(TOKEN), answer, introspect=True)
    assert isinstance(outcome, kind)
    assert "abc.def" not in repr(outcome)


@given(st.binary(max_size=300), st.integers(100, 599))
def test_no_bytes_make_a_token_of_nothing_or_raise(body, status):
    assert granted_in(Answer(status, {}, body)) is None
