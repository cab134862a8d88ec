"""The gateway: who is let through to which back-end, what it tells it, and how it refuses."""

from __future__ import annotations

import json

import pytest

from sandbox.stand_in import InvalidControl, Request
from tests.support.sandbox.edelivery.world import BRANCH_OID, CITIZEN, CLINIC, HOSPITAL

GROUPS = "/ed2/api/target-groups"


def test_a_token_of_the_scope_opens_the_path(world):
    assert world.call("GET", GROUPS)[0] == 200


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ({"shown": None}, 401, "certificate_required"),
        ({"token": "unknown"}, 401, "invalid_token"),
        ({"token": ""}, 401, "invalid_token"),
        ({"shown": CLINIC}, 401, "invalid_token"),
    ],
    ids=["no-certificate", "unknown-token", "no-token", "other-certificate"],
)
def test_who_is_not_let_through(world, how, status, code):
    came, content = world.call("GET", GROUPS, **how)
    assert (came, content["cause"][0]["code"]) == (status, code)
    assert [(one["where"], one["code"]) for one in world.ledger("esb")["refusals"]] == [(GROUPS, code)]


def test_a_token_of_another_scope(world):
    came, content = world.call("GET", GROUPS, token=world.token(scope="/ep*"))
    assert (came, content["failureOrigin"]) == (403, "OAUTH")
    assert content["cause"][0]["code"] == "insufficient_scope"


def test_a_token_ends(world):
    token = world.token()
    world.wait(seconds=3599)
    assert world.call("GET", GROUPS, token=token)[0] == 200
    world.wait(seconds=1)
    assert world.call("GET", GROUPS, token=token)[0] == 401


def test_a_token_that_is_not_bound_to_its_certificate(world):
    world.control("esb", {"bound": False})
    assert world.call("GET", GROUPS, token=world.token(), shown=CLINIC)[0] == 200


def test_the_gateway_states_who_calls_whatever_the_client_says(world):
    header = {"dp-miscinfo": f"dn:/C=BG/ST=OID:{BRANCH_OID}/CN={HOSPITAL}|a:|b:|c:"}
    number = world.call(
        "POST",
        "/ed2/api/messages",
        {
            "recipientProfileIds": [201],
            "subject": "тема",
            "templateId": 1,
            "fields": {},
        },
        headers=header,
    )[1]
    assert [(one["messageId"], one["senderProfileId"]) for one in world.ledger("messages")] == [(number, 101)]


def test_a_gateway_that_states_nothing_needs_the_clients_header(world):
    world.control("esb", {"inject": False})
    assert world.call("GET", GROUPS) == (401, None)
    miscinfo = world.state.tokens.given[-1].miscinfo
    assert world.call("GET", GROUPS, headers={"dp-miscinfo": miscinfo})[0] == 200


def test_a_wrong_oid_acts_for_somebody_else(world):
    world.call("POST", "/ed2/api/messages", LETTER, token=world.token(headers={"OID": BRANCH_OID}))
    assert [one["senderProfileId"] for one in world.ledger("messages")] == [102]


LETTER = {"recipientProfileIds": [301], "subject": "тема", "templateId": 1, "fields": {}}


@pytest.mark.parametrize(("form", "media"), [("html", "text/html"), ("plain", "text/plain")])
def test_refusals_that_are_no_dto(world, form, media):
    world.control("esb", {"errors": form})
    answer = world.send("GET", GROUPS, token="unknown")
    assert (answer.status, answer.content_type) == (401, media)
    assert b"invalid_token" in answer.body


@pytest.mark.parametrize(("status", "later"), [(429, 7), (503, 7), (502, None)])
def test_a_fault_of_the_gateways_own(world, status, later):
    world.control("esb", {"retry_after": 7})
    answer = world.gateway.failed(status, Request("GET", GROUPS, "", {}, b""))
    content = json.loads(answer.body)
    assert (answer.status, content["failureOrigin"], content["retryAfter"]) == (status, "INTEGRATION", later)


def test_a_fault_of_a_back_end_is_in_its_own_form(world):
    answer = world.gateway.failed(500, Request("GET", GROUPS, "", {}, b""))
    assert answer.content_type == "application/problem+json"


def test_what_it_serves_and_what_rules_can_match(world):
    gateway = world.gateway
    assert gateway.serves("GET", GROUPS)
    assert gateway.serves("GET", "/message")
    assert not gateway.serves("GET", "/")
    assert gateway.answer(Request("GET", "/other", "", {}, b"")).status == 404
    assert gateway.traits == ("operation", "client", "messageId", "blobId", "rnu", "paymentId", "uri_service")
    body = json.dumps({"rnu": "rnu-9"}).encode()
    traits = gateway.traits_of(Request("POST", "/ed2/api/messages", "", {}, body, world.shown[HOSPITAL]))
    assert {name: value for name, value in traits.items() if value is not None} == {
        "operation": "messages.send",
        "client": HOSPITAL,
        "rnu": "rnu-9",
    }
    opened = gateway.traits_of(Request("GET", "/ed2/api/messages/2001/open", "", {}, b"\xff"))
    assert (opened["operation"], opened["messageId"]) == ("messages.open", "2001")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("esb", {"unknown": 1}),
        ("esb", {"errors": "xml"}),
        ("esb", {"bound": 1}),
        ("esb", {"token_seconds": -1}),
        ("esb", {"retry_after": "soon"}),
        ("revoke", {"all": True}),
        ("clients", {"client_id": "unknown", "scopes": []}),
        ("clients", {"client_id": HOSPITAL, "scopes": ["/fine*"]}),
    ],
    ids=str,
)
def test_controls_that_are_not_understood(world, name, body):
    with pytest.raises(InvalidControl):
        world.control(name, body)


def test_a_control_that_nobody_knows(world):
    assert world.control("nothing", {}) is None


def test_the_ledger_names_no_token_and_no_person(world):
    token = world.token(headers={"representedPersonID": CITIZEN})
    assert world.call("GET", GROUPS, token=token)[0] == 200
    shown = json.dumps(world.gateway.ledger())
    assert token not in shown
    assert CITIZEN not in shown
