"""The token service: who gets a token for what, what is baked into it, and what an introspection says."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from sandbox.stand_in import Request
from tests.support.sandbox.edelivery.world import BRANCH_OID, CLINIC, HOSPITAL, HOSPITAL_OID, STRANGER

THIRDS = "|representedPersonID:5523056031|correspondentOID:1.2|operatorID:7024198015"
OTHERS = "|representedPersonID:|correspondentOID:|operatorID:"


@pytest.mark.parametrize("where", ["query", "form"])
def test_a_token_by_either_encoding(world, where):
    status, given = world.asked_for_token(where=where)
    assert status == 200
    assert isinstance(given.pop("access_token"), str)
    assert given == {
        "token_type": "Bearer",
        "expires_in": 3600,
        "consented_on": 1796113815,
        "scope": "/ed2*",
        "grant_type": "client_credentials",
    }


@pytest.mark.parametrize(("taken", "refused"), [("query", "form"), ("form", "query")])
def test_a_server_that_takes_one_encoding_alone(world, taken, refused):
    world.control("esb", {"token_parameters": taken})
    assert world.asked_for_token(where=taken)[0] == 200
    assert world.asked_for_token(where=refused)[0] == 400


def test_the_lifetime_can_be_a_text(world):
    world.control("esb", {"expires_in_text": True, "token_seconds": 90})
    assert world.asked_for_token()[1]["expires_in"] == "90"


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"shown": "nobody"}, 401, "certificate_required"),
        ({"shown": CLINIC}, 401, "invalid_client"),
        ({"client": "unknown.invalid", "shown": HOSPITAL}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "/fine*"}, 400, "invalid_scope"),
        ({"scope": None}, 400, "invalid_scope"),
        ({"client": CLINIC, "scope": "/ep*"}, 400, "invalid_scope"),
        ({"client": STRANGER}, 400, "invalid_scope"),
    ],
    ids=lambda value: (
        "-".join(f"{name}={one}" for name, one in value.items()) if isinstance(value, dict) else None
    ),
)
def test_refusals_are_the_error_dto(world, how, status, code):
    came, content = world.asked_for_token(**how)
    assert came == status
    assert content["failureOrigin"] == "OAUTH"
    assert [one["code"] for one in content["cause"]] == [code]
    assert content["retryAfter"] is None
    assert [one["code"] for one in world.tokens.ledger()["refusals"]] == [code]
    assert world.tokens.ledger()["tokens"] == []


@pytest.mark.parametrize(
    ("headers", "miscinfo"),
    [
        ({}, f"dn:/C=BG/ST=OID:{HOSPITAL_OID}/CN={HOSPITAL}{OTHERS}"),
        ({"OID": BRANCH_OID}, f"dn:/C=BG/ST=OID:{BRANCH_OID}/CN={HOSPITAL}{OTHERS}"),
        (
            {"representedPersonID": "5523056031", "correspondentOID": "1.2", "operatorID": "7024198015"},
            f"dn:/C=BG/ST=OID:{HOSPITAL_OID}/CN={HOSPITAL}{THIRDS}",
        ),
    ],
    ids=["none", "oid", "others"],
)
def test_headers_are_baked_into_the_token(world, headers, miscinfo):
    token = world.token(headers=headers)
    assert introspected(world, token)[1]["miscinfo"] == miscinfo
    assert "5523056031" not in json.dumps(world.gateway.ledger())


def introspected(world, token, *, form=False, **changes):
    text = urlencode({"token": token, "token_type_hint": "access_token"} | changes)
    headers = {"content-type": "application/x-www-form-urlencoded"} if form else {}
    body = text.encode() if form else b""
    request = Request("POST", "/introspect", "" if form else text, headers, body, world.shown[HOSPITAL])
    answer = world.tokens.answer(request)
    return answer.status, json.loads(answer.body)


def test_an_introspection(world):
    token = world.token()
    assert introspected(world, token)[1]["active"] is True
    assert introspected(world, token, form=True)[1]["scope"] == "/ed2*"
    assert introspected(world, "other") == (200, {"active": False})
    assert introspected(world, token, token_type_hint="refresh_token")[0] == 400
    world.wait(seconds=3600)
    assert introspected(world, token) == (200, {"active": False})
    assert [one["active"] for one in world.tokens.ledger()["introspections"]] == [True, True, False, False]


def test_a_revoked_token(world):
    token = world.token()
    world.token(client=CLINIC)
    assert world.control("revoke", {"client_id": CLINIC}) == {"revoked": 1}
    assert introspected(world, token)[1]["active"] is True
    assert world.control("revoke", {}) == {"revoked": 1}
    assert introspected(world, token)[1]["active"] is False


def test_scopes_can_be_taken_away_and_come_back_with_a_reset(world):
    world.control("clients", {"client_id": HOSPITAL, "scopes": ["/ep*"]})
    assert world.asked_for_token()[0] == 400
    world.gateway.reset()
    assert world.asked_for_token()[0] == 200


def test_addresses(world):
    assert [world.tokens.serves("POST", path) for path in ("/token", "/introspect", "/other")] == [
        True,
        True,
        False,
    ]
    assert world.tokens.answer(Request("GET", "/token", "", {}, b"")).status == 405
    assert world.tokens.answer(Request("GET", "/", "", {}, b"")).status == 404


def test_what_fault_rules_can_match(world):
    traits = world.tokens.traits_of(world.token_request(where="form"))
    assert traits == {"operation": "token", "client": HOSPITAL, "scope": "/ed2*"}
    garbage = Request(
        "POST", "/token", "\xff=%%", {"content-type": "application/x-www-form-urlencoded"}, b"\xff"
    )
    assert world.tokens.traits_of(garbage) == {"operation": "token", "client": None, "scope": None}
