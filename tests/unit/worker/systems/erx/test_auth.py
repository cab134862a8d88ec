"""Logging in: what is sent, what is granted, what is read of a token, and that no password is told."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reasons import Reason
from tests.support.fakes.scripted_client import ScriptedClient
from tests.support.systems.erx.answers import framed, jwt, refused, token
from worker.outcome import Blocked, Retry
from worker.systems.erx.accounts import read_accounts
from worker.systems.erx.auth import Login, claims_of, seconds_left, user_id
from worker.systems.tokens import Granted
from worker.transport.port import Answer, DeliveryError

NOW = datetime.fromtimestamp(1_000_000, UTC)
SECRETS = ("password-of-one", "software-password", "dr-one")


async def ask(settings, *script):
    client = ScriptedClient(script)
    login = Login(settings, read_accounts(settings), client, lambda: NOW)
    return await login.of_signer("one"), client.requests


async def test_the_documents_login(settings):
    text = jwt(sub="60", iat=10, exp=310)
    got, (request,) = await ask(settings, token(text))
    assert got == Granted(text, 300)
    assert (request.method, request.url) == ("POST", "https://erx.test/auth/login")
    assert request.headers == {
        "authorization": "Basic " + base64.b64encode(b"software:software-password").decode(),
        "accept": "*/*",
        "accept-language": "bg-BG",
        "content-type": "application/json; charset=UTF-8",
    }
    assert json.loads(request.content) == {
        "User": {
            "Data": [
                {
                    "Username": "dr-one",
                    "Credentials": [{"Type": "password", "Value": "password-of-one"}],
                }
            ],
            "Action": "LOGIN",
        }
    }


async def test_a_token_without_iat_counts_from_the_registers_time(settings):
    text = jwt(exp=1_591_288_338 + 60)
    answer = token(text)
    dated = Answer(200, {"date": "Thu, 04 Jun 2020 16:32:18 GMT"}, answer.body)
    assert (await ask(settings, dated))[0] == Granted(text, 60)
    ended = (await ask(settings, token(jwt(exp=999_999))))[0]
    assert ended == Retry(Reason.TOKEN_UNAVAILABLE, "no token: the received token has already expired")


@pytest.mark.parametrize("text", ["opaque", jwt(sub="60")])
async def test_a_token_that_says_no_end_gets_the_configured_life(settings, text):
    assert (await ask(settings, token(text)))[0] == Granted(text, 600)


WRONG = "Грешно потребителско име или парола"
REFUSALS = [
    (Answer(200, {}, refused(WRONG, Key="{user.login.failed}")), Blocked, Reason.ACCESS_DENIED),
    (Answer(200, {}, framed(success=False)), Blocked, Reason.ACCESS_DENIED),
    (Answer(200, {}, refused("Грешни клиентски автентикационни атрибути")), Blocked, Reason.CONFIGURATION),
    (Answer(200, {}, refused("Wrong client authentication")), Blocked, Reason.CONFIGURATION),
    (Answer(200, {}, refused("Internal Server Error")), Retry, Reason.TOKEN_UNAVAILABLE),
    (Answer(200, {}, refused("Възникна случайна грешка.")), Retry, Reason.TOKEN_UNAVAILABLE),
    (Answer(401, {}, b""), Blocked, Reason.CONFIGURATION),
    (Answer(403, {}, b""), Blocked, Reason.ACCESS_DENIED),
    (Answer(404, {}, b"<html/>"), Blocked, Reason.NOT_FOUND),
    (Answer(500, {}, b""), Retry, Reason.TOKEN_UNAVAILABLE),
    (Answer(200, {}, b"<html/>"), Blocked, Reason.CONFIGURATION),
    (Answer(200, {"content-type": "text/html; charset=utf-8"}, b"hello"), Blocked, Reason.CONFIGURATION),
    (Answer(302, {"location": "/"}, b""), Blocked, Reason.CONFIGURATION),
    (Answer(400, {}, b"bad"), Blocked, Reason.CONFIGURATION),
    (Answer(405, {}, b""), Blocked, Reason.CONFIGURATION),
    (Answer(408, {}, b""), Retry, Reason.TOKEN_UNAVAILABLE),
    (Answer(429, {}, b""), Retry, Reason.TOKEN_UNAVAILABLE),
    (Answer(503, {}, b"<html/>"), Retry, Reason.TOKEN_UNAVAILABLE),
    (Answer(200, {}, b""), Retry, Reason.TOKEN_UNAVAILABLE),
    (Answer(200, {}, token("t").body, truncated=True), Retry, Reason.TOKEN_UNAVAILABLE),
    (Answer(200, {}, framed({"User": {"Token": "a b"}})), Retry, Reason.TOKEN_UNAVAILABLE),
    (Answer(200, {}, framed({"User": {"Token": "a\r\nx: y"}})), Retry, Reason.TOKEN_UNAVAILABLE),
    (Answer(200, {}, framed({"User": {}})), Retry, Reason.TOKEN_UNAVAILABLE),
    (Answer(200, {}, framed({"User": {"Token": ["t"]}})), Retry, Reason.TOKEN_UNAVAILABLE),
    (DeliveryError("connection-refused", "erx.test:443: no", sent=False), Retry, Reason.TOKEN_UNAVAILABLE),
]


@pytest.mark.parametrize(("answer", "kind", "reason"), REFUSALS)
async def test_what_keeps_a_token_back(settings, answer, kind, reason):
    got, _ = await ask(settings, answer)
    assert (type(got), got.reason) == (kind, reason)
    assert not any(one in got.detail for one in SECRETS)


async def test_the_registers_words_are_reported(settings):
    got, _ = await ask(settings, Answer(200, {}, refused(WRONG)))
    assert got.detail == f'the register refused the login of signer "one": {WRONG}'


@pytest.mark.parametrize("answer", [Answer(302, {}, b""), Answer(405, {}, b""), Answer(200, {}, b"<html/>")])
async def test_what_is_no_register_names_the_setting(settings, answer):
    got, _ = await ask(settings, answer)
    assert got.detail.endswith("does not come from the register: see the setting api_url")


BASIC = [base64.b64encode(one).decode() for one in (b"software:software-password", b"dr-one:password-of-one")]


@pytest.mark.parametrize("secret", [*SECRETS, *BASIC, "DR-One", "SOFTWARE", "x" * 300 + "dr-one"])
async def test_words_that_hold_a_secret_are_not_reported(settings, secret):
    got, _ = await ask(settings, Answer(200, {}, refused(f"{WRONG}: {secret}!")))
    assert got.detail == 'the register refused the login of signer "one"'


async def test_how_long_to_wait_is_the_registers_to_say(settings):
    got, _ = await ask(settings, Answer(503, {"retry-after": "9"}, b""))
    assert got.delay == 9


def test_nothing_that_holds_a_password_shows_it(settings):
    accounts = read_accounts(settings)
    shown = f"{accounts!r} {accounts.users['one']!r} {settings!r}"
    for secret in ("password-of-one", "password-of-boss", "software-password", "password-of-the-new"):
        assert secret not in shown


CLAIMS_READ_AT = datetime.fromtimestamp(1000, UTC)


def coded(payload: bytes) -> str:
    return f"a.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.c"


@pytest.mark.parametrize(
    ("claims", "seconds"),
    [
        ({"exp": 4000, "iat": 400}, 3600),
        ({"exp": 4000}, 3000),
        ({"exp": 4000.5, "iat": 400}, 3600.5),
        ({"exp": 400, "iat": 400}, 0),
        ({"exp": 900}, -100),
        ({"exp": 4000, "iat": "400"}, 3000),
        ({"exp": 4000, "iat": None}, 3000),
        ({}, None),
        ({"iat": 400}, None),
        ({"exp": "4000"}, None),
        ({"exp": True}, None),
        ({"exp": None}, None),
        ({"exp": 10**400}, None),
        ({"exp": 1000 + 30 * 86400}, 30 * 86400),
        ({"exp": 1001 + 30 * 86400}, None),
        ({"exp": 1_600_000_600_000}, None),
        ({"exp": 1_600_003_600_000, "iat": 1_600_000_000_000}, None),
    ],
)
def test_a_tokens_life_is_counted_by_the_registers_clock(claims, seconds):
    assert seconds_left(claims_of(jwt(**claims)), CLAIMS_READ_AT) == seconds


@pytest.mark.parametrize(
    "token",
    [
        "",
        "opaque",
        "a.b",
        "a.b.c.d",
        "a.!.c",
        "a.я.c",
        coded(b"[1]"),
        coded(b"7"),
        coded(b'{"exp": 1'),
        coded(b'{"exp": NaN}'),
        coded(b'{"exp": 1, "exp": 2}'),
        coded(b"\xff"),
    ],
)
def test_what_is_no_token_says_nothing(token):
    assert claims_of(token) == {}
    assert user_id(token) is None


@pytest.mark.parametrize(
    ("sub", "user"), [("60", "60"), (60, "60"), ("", None), (True, None), (None, None), (["60"], None)]
)
def test_the_user_of_a_token(sub, user):
    assert user_id(jwt(sub=sub)) == user


@given(st.text() | st.binary().map(coded))
def test_no_text_raises(token):
    seconds_left(claims_of(token), CLAIMS_READ_AT)
    user_id(token)
