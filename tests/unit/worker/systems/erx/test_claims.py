"""What is read of a token, and what is not."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.systems.erx.answers import jwt
from worker.systems.erx.claims import claims_of, seconds_left, user_id

NOW = datetime.fromtimestamp(1000, UTC)


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
    assert seconds_left(claims_of(jwt(**claims)), NOW) == seconds


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
    seconds_left(claims_of(token), NOW)
    user_id(token)
