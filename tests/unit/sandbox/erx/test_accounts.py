"""Logging in, registering, whoami: the answers of the document, and the texts of its errors."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from sandbox.stand_in import InvalidControl
from tests.support.systems.erx.sandbox import START, ErxClient, basic, login_body, read, registration_body

WRONG_PASSWORD = "Грешно потребителско име или парола"
WRONG_CLIENT = "Грешни клиентски автентикационни атрибути"
WRONG_FORMAT = "Грешен формат на заявката за вход"
NO_USERNAME = "Атрибута Username е задължителен"
UNAUTHORIZED = "Грешни автентикационни параметри"


def decoded(part: str) -> dict:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def one_error(answer) -> dict:
    body = read(answer)
    assert body["Success"] is False
    assert body["Result"] is None
    (error,) = body["Errors"]
    assert len(error["Id"]) == 36
    return error


def test_a_token_is_a_jwt_of_three_parts_signed_with_hs512():
    header, claims, signature = ErxClient().token("dr-ivanova").split(".")
    assert decoded(header) == {"alg": "HS512"}
    said = decoded(claims)
    assert (said["sub"], said["username"]) == (60, "dr-ivanova")
    assert (said["iat"], said["exp"]) == (int(START.timestamp()), int(START.timestamp()) + 3600)
    assert len(base64.urlsafe_b64decode(signature + "==")) == hashlib.sha512().digest_size


def test_the_signature_is_over_the_two_first_parts():
    erx = ErxClient()
    signed, signature = erx.token().rsplit(".", 1)
    expected = hmac.digest(erx.register._tokens._key, signed.encode(), "sha512")
    assert base64.urlsafe_b64decode(signature + "==") == expected


def test_two_tokens_of_one_second_differ():
    erx = ErxClient()
    assert erx.token() != erx.token()


@pytest.mark.parametrize(
    ("authorization", "body", "message", "key"),
    [
        (None, login_body("dr-ivanova", "wrong"), WRONG_PASSWORD, "{user.login.failed}"),
        (None, login_body("nobody", "wrong"), WRONG_PASSWORD, "{user.login.failed}"),
        (None, login_body("nobody", "\ud800"), WRONG_PASSWORD, "{user.login.failed}"),
        (None, login_body(" ", "x"), NO_USERNAME, "{missing.attribute.Username}"),
        (None, login_body("dr-ivanova", ""), WRONG_FORMAT, None),
        (None, b"{", WRONG_FORMAT, None),
        (None, b"[]", WRONG_FORMAT, None),
        (None, {"User": {"Data": []}}, WRONG_FORMAT, None),
        (None, {"User": login_body("a", "b")["User"] | {"Action": ["LOGOUT"]}}, WRONG_FORMAT, None),
        ("", login_body("dr-ivanova", "x"), WRONG_CLIENT, None),
        (basic("herald-client", "wrong"), login_body("dr-ivanova", "x"), WRONG_CLIENT, None),
        ("Basic ***", login_body("dr-ivanova", "x"), WRONG_CLIENT, None),
        ("Basic \u044f", login_body("dr-ivanova", "x"), WRONG_CLIENT, None),
        ("Bearer x", login_body("dr-ivanova", "x"), WRONG_CLIENT, None),
    ],
)
def test_refused_logins(authorization, body, message, key):
    erx = ErxClient()
    given = {"authorization": basic("herald-client", "test-password-of-the-client")}
    if authorization is not None:
        given = {"authorization": authorization}
    error = one_error(erx.send("POST", "/auth/login", "", body, **given))
    assert (error["Message"], error.get("Key")) == (message, key)
    assert erx.register.ledger()["logins"] == {}


@pytest.mark.parametrize(
    ("language", "message"),
    [("bg-BG", WRONG_PASSWORD), ("en-EN", "Wrong user name or password"), ("de", WRONG_PASSWORD)],
)
def test_the_language_is_the_one_that_is_asked_for(language, message):
    assert one_error(ErxClient().login("dr-ivanova", "no", accept_language=language))["Message"] == message


def test_whoami_says_what_the_document_shows():
    me = read(ErxClient().get("/user/me"))
    assert me["Result"]["Authorities"] == [{"Id": 61, "Authority": "ROLE_MEDIC", "Client": "1"}]
    assert {"Id", "FirstName", "LastName", "Username", "Email", "Properties"} <= set(me["Result"])


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer a.b.c", "Basic eDp5", "bearer "])
def test_a_bearer_that_is_not_in_force_is_unauthorized(authorization):
    answer = ErxClient().send("GET", "/user/me", authorization=authorization)
    assert answer.status == 401
    assert json.loads(answer.body)["Errors"][0]["Message"] == UNAUTHORIZED


def test_a_token_ends_with_its_time():
    erx = ErxClient(token_seconds=60)
    bearer = erx.bearer()
    erx.later(seconds=59)
    assert erx.send("GET", "/user/me", **bearer).status == 200
    erx.later(seconds=1)
    assert erx.send("GET", "/user/me", **bearer).status == 401


def test_tokens_can_be_forgotten():
    erx = ErxClient()
    bearer = erx.bearer()
    erx.register.forget_tokens()
    assert erx.send("GET", "/user/me", **bearer).status == 401
    assert erx.get("/user/me").status == 200


@pytest.mark.parametrize("profile", ["2020-06", "2020-09"])
def test_a_registered_user_can_log_in(profile):
    erx = ErxClient(profile)
    answer = erx.send("POST", "/auth/register", "", registration_body(), **erx.bearer("erx-admin"))
    result = read(answer)["Result"]
    assert (result["Id"], result["Authorities"][0]["Id"], result["Properties"][0]["Id"]) == (88, 89, 90)
    assert (result["Username"], result["Email"]) == ("test77", "user77@erx.example")
    assert read(erx.login("test77", "a password of a test"))["Success"] is True
    assert erx.register.ledger()["users"] == [
        {"id": 88, "username": "test77", "dhId": "2201928818", "organization": "ДКЦ ТЕСТ"}
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"Username": "other"}, "Key (email)=(user77@erx.example) already exists."),
        ({"Email": "other@erx.example"}, "Key (username)=(test77) already exists."),
    ],
)
def test_a_user_is_registered_once(changes, message):
    erx = ErxClient()
    admin = erx.bearer("erx-admin")
    assert read(erx.send("POST", "/auth/register", "", registration_body(), **admin))["Success"]
    again = erx.send("POST", "/auth/register", "", registration_body(**changes), **admin)
    assert one_error(again)["Message"] == message
    assert len(erx.register.ledger()["users"]) == 1


@pytest.mark.parametrize(
    ("profile", "body", "paths"),
    [
        ("2020-06", registration_body(ClientRoles={}), ["Auth.Data[0].ClientRoles.erx-resource-server"]),
        ("2020-09", registration_body(Username=None), ["Auth.Data[0].Username"]),
        ("2020-09", registration_body(Credentials=[]), ["Auth.Data[0].Credentials[0].Value"]),
        ("2020-09", b"nonsense", [None]),
        (
            "2020-09",
            {"Auth": {"Data": registration_body()["Auth"]["Data"]}},
            ["Auth.MedicRegRq.OrganizationName", "Auth.MedicRegRq.DhId"],
        ),
    ],
)
def test_refused_registrations(profile, body, paths):
    erx = ErxClient(profile)
    answer = read(erx.send("POST", "/auth/register", "", body, **erx.bearer("erx-admin")))
    assert [error.get("Path") for error in answer["Errors"]] == paths
    assert erx.register.ledger()["users"] == []


def test_the_newer_text_needs_no_client_roles():
    erx = ErxClient("2020-09")
    body = registration_body(ClientRoles=None)
    assert read(erx.send("POST", "/auth/register", "", body, **erx.bearer("erx-admin")))["Success"]


@pytest.mark.parametrize("username", [None, "dr-ivanova"])
def test_only_an_administrator_registers(username):
    erx = ErxClient()
    headers = erx.bearer(username) if username else {}
    assert erx.send("POST", "/auth/register", "", registration_body(), **headers).status == 401


def test_credentials_are_those_that_work():
    erx = ErxClient()
    given = erx.register.credentials()
    client = basic(given["client"]["username"], given["client"]["password"])
    for user in given["users"]:
        answer = erx.login(user["username"], user["password"], authorization=client)
        assert read(answer)["Success"] is True
    assert len(given["users"]) == 3


def test_users_have_ids_three_apart():
    erx = ErxClient()
    admin = erx.bearer("erx-admin")
    bodies = [registration_body(), registration_body(Username="test78", Email=None)]
    ids = [read(erx.send("POST", "/auth/register", "", body, **admin))["Result"]["Id"] for body in bodies]
    assert ids == [88, 91]


def test_tokens_that_ended_are_not_kept():
    erx = ErxClient(token_seconds=0.5)
    bearers = []
    for _ in range(3):
        bearers.append(erx.bearer())
        assert erx.send("GET", "/user/me", **bearers[-1]).status == 200
        erx.later(seconds=1)
    assert [erx.send("GET", "/user/me", **bearer).status for bearer in bearers] == [401, 401, 401]
    assert len(erx.register._tokens._in_force) == 1


@pytest.mark.parametrize(("account", "logins"), [(True, True), (False, False)])
def test_the_next_registration_may_fail_in_the_middle(account, logins):
    erx = ErxClient(profile="2020-06")
    erx.register.control("half-done-registration", {"error": "fhir", "account": account})
    failed = erx.send("POST", "/auth/register", "", registration_body(), **erx.bearer("erx-admin"))
    assert one_error(failed)["Message"].startswith("Данните ви не са записани във FHIR")
    login = read(erx.login("test77", "a password of a test"))
    assert login["Success"] is logins
    again = read(erx.send("POST", "/auth/register", "", registration_body(), **erx.bearer("erx-admin")))
    assert again["Success"] is not account


@pytest.mark.parametrize("body", [{"error": "other"}, {"account": 1}, {"more": True}])
def test_a_half_done_registration_is_described_rightly(body):
    with pytest.raises(InvalidControl):
        ErxClient().register.control("half-done-registration", body)
