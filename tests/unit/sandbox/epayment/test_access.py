"""Who is let in, by the form, the HMAC and the addresses."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote_plus, urlencode

import pytest

from tests.support.sandbox.epayment.caller import HOSPITAL, MUNICIPALITY, SECRETS
from tests.support.sandbox.epayment.calls import encoded, form, payment, signed

SECRET = SECRETS[HOSPITAL]
DENIED = {"Message": "Authorization has been denied for this request."}
PARSE = "An error occurred when attempting to parse data. Please ensure that POST data is in correct format."
STATUS = {"requestIds": ["x"]}


def status_of(answer):
    return answer.status, json.loads(answer.body)


def fields(**changes):
    data = encoded(STATUS)
    given = {"clientId": HOSPITAL, "hmac": signed(SECRET, data), "data": data, **changes}
    return urlencode({name: value for name, value in given.items() if value is not None}).encode()


def test_the_hmac_by_hand_is_that_of_rfc_4231():
    # Case 2 of the RFC: the stand-in and these tests could share a mistake.
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert base64.b64decode(signed("Jefe", "what do ya want for nothing?")).hex() == digest


def test_the_right_form_is_let_in(call):
    assert call.send("paymentsStatus", fields()).status == 200


@pytest.mark.parametrize("names", [("CLIENTID", "HMAC", "DATA"), ("ClientId", "Hmac", "Data")])
def test_names_are_read_without_their_case(call, names):
    data = encoded(STATUS)
    values = (HOSPITAL, signed(SECRET, data), data)
    assert (
        call.send("paymentsStatus", urlencode(dict(zip(names, values, strict=True))).encode()).status == 200
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"clientId": "nobody"},
        {"clientId": None},
        {"clientId": MUNICIPALITY},
        {"hmac": None},
        {"hmac": ""},
        {"hmac": signed(SECRET, "other data")},
        {"hmac": signed("other secret", encoded(STATUS))},
        {"hmac": signed(SECRET, encoded(STATUS)).rstrip("=")},
        {"hmac": "я"},
        {"data": None},
        {"data": ""},
        {"data": encoded({"requestIds": ["y"]})},
    ],
)
def test_what_is_wrong_is_401(call, changes):
    assert status_of(call.send("paymentsStatus", fields(**changes))) == (401, DENIED)


def test_the_hmac_is_of_the_base64_text_and_not_of_the_json(call):
    data = encoded(STATUS)
    wrong = {"clientId": HOSPITAL, "hmac": signed(SECRET, json.dumps(STATUS)), "data": data}
    assert call.send("paymentsStatus", urlencode(wrong).encode()).status == 401


def test_a_plus_that_is_not_escaped_is_a_blank(call):
    content = next(
        {"requestIds": [n * "~"]}
        for n in range(99)
        if "+" in signed(SECRET, encoded({"requestIds": [n * "~"]}))
    )
    data = encoded(content)
    code = signed(SECRET, data)
    head = f"clientId={HOSPITAL}&data={quote_plus(data)}"
    assert call.send("paymentsStatus", f"{head}&hmac={quote_plus(code)}".encode()).status == 200
    assert call.send("paymentsStatus", f"{head}&hmac={code}".encode()).status == 401


def test_a_field_that_came_twice_is_both(call):
    body = fields()
    again = next(pair for pair in body.split(b"&") if pair.startswith(b"data="))
    assert call.send("paymentsStatus", body + b"&" + again).status == 401


def test_an_inactive_client_is_401_until_it_is_active_again(call):
    call.api.control("clients", {"clientId": HOSPITAL, "active": False})
    assert call.raw("paymentsStatus", STATUS).status == 401
    assert call.raw("paymentsStatus", STATUS, client=MUNICIPALITY).status == 200
    call.api.control("clients", {"clientId": HOSPITAL, "active": True})
    assert call.raw("paymentsStatus", STATUS).status == 200


@pytest.mark.parametrize(
    "data",
    [
        "not base64!",
        "e30",
        encoded(b"{"),
        encoded(b"[]"),
        encoded(b"null"),
        encoded(b"\xff\xfe"),
        encoded(b"[" * 9999),
    ],
    ids=["letters", "padding", "half", "list", "null", "bytes", "deep"],
)
def test_data_that_cannot_be_read_is_400(call, data):
    body = urlencode({"clientId": HOSPITAL, "hmac": signed(SECRET, data), "data": data}).encode()
    for method in ("paymentJson", "paymentsStatus", "accessCode", "suspendRequest", "setStatusPaid"):
        assert status_of(call.send(method, body)) == (400, {"Message": PARSE})


def test_white_space_within_the_base64_is_left_out(call):
    data = "\r\n".join(
        base64.b64encode(json.dumps(STATUS).encode()).decode()[n : n + 8] for n in range(0, 32, 8)
    )
    body = urlencode({"clientId": HOSPITAL, "hmac": signed(SECRET, data), "data": data}).encode()
    assert call.send("paymentsStatus", body).status == 200


@pytest.mark.parametrize("path", ["/API/V1/ESERVICE/PAYMENTSSTATUS", "/api/v1/eService/paymentsstatus"])
def test_addresses_are_read_without_their_case(call, path):
    assert call.api.serves("POST", path)
    assert call.send("", fields(), path=path).status == 200


def test_other_addresses_and_methods(call):
    for path in (
        "/",
        "/api/v1/eService/multiple",
        "/api/v1/eService/paymentsStatus/x",
        "/api/v2/eService/paymentJson",
    ):
        assert not call.api.serves("POST", path)
        assert call.send("", fields(), path=path).status == 404
    assert not call.api.serves("GET", "/api/v1/eService/paymentJson")
    assert call.send("paymentJson", b"", verb="GET").status == 405


@pytest.mark.parametrize("media", ["application/json", "text/plain", ""])
def test_the_body_must_be_called_a_form(call, media):
    assert call.send("paymentsStatus", fields(), media=media).status == 415


def test_a_client_certificate_is_asked_for_on_request_only(call):
    call.api.control("settings", {"client_certificate": True})
    refused = call.send("paymentsStatus", fields())
    assert (refused.status, refused.content_type) == (403, "text/html")
    assert call.send("paymentsStatus", fields(), certificate=b"DER").status == 200


def test_the_name_of_the_message_and_the_content_type_are_settings(call):
    call.api.control("settings", {"message_key": "message", "content_type": "text/plain"})
    answer = call.send("paymentsStatus", fields(hmac=""))
    assert json.loads(answer.body) == {"message": DENIED["Message"]}
    assert answer.content_type == "text/plain"


def test_traits_name_what_fault_rules_match(call):
    def traits(method, body):
        return call.api.traits_of(type("R", (), {"path": f"/api/v1/eService/{method}", "body": body})())

    assert traits("paymentJson", form(HOSPITAL, SECRET, payment())) == {
        "operation": "paymentJson",
        "clientId": HOSPITAL,
        "aisPaymentId": "HIS-1",
        "id": None,
    }
    assert traits("paymentsStatus", form(HOSPITAL, "wrong", {"requestIds": ["a", "b"]}))["id"] == "a"
    assert traits("accessCode", form(HOSPITAL, SECRET, {"Id": "c"}))["id"] == "c"
    assert traits("x", b"\xff")["operation"] is None


def test_a_failure_on_request_and_an_answer_of_another(call):
    assert status_of(call.api.failed(502, None)) == (502, {"Message": "An error has occurred."})
    answer = call.raw("paymentJson", payment())
    other = json.loads(call.api.altered(None, answer).body)
    assert other["acceptedReceiptJson"]["id"] == "0001019"
