"""The B-Trust stand-in, without a server."""

import base64
import hashlib
import json

import pytest

from sandbox.btrust.stand_in import PATH, BtrustService
from sandbox.stand_in import InvalidControl, Request
from tests.support.signing.remote import People, Time

NAME = "dr-ivanova"
DIGESTS = [hashlib.sha256(bytes([number])).digest() for number in range(4)]
GIVEN = {"confirmText": "x", "contentFormat": "DIGEST", "fileName": "x", "signatureType": "SIGNATURE"}


@pytest.fixture(scope="module")
def people():
    return People.make()


@pytest.fixture
def btrust(people):
    return BtrustService(people.keys, {name: f"{name}-token" for name in people.keys}, now=Time().now)


def request(digests=DIGESTS, *, token=f"{NAME}-token", **changes):
    contents = [GIVEN | {"data": base64.b64encode(one).decode()} | changes for one in digests]
    headers = {"x-access-token": token} if token else {}
    return Request("POST", PATH, "", headers, json.dumps({"contents": contents}).encode())


def made(answer):
    return [base64.b64decode(one["signature"]) for one in json.loads(answer.body)["data"]["signatures"]]


def test_signatures(btrust, people):
    answer = btrust.answer(request())
    assert all(people.proves(NAME, one, got) for one, got in zip(DIGESTS, made(answer), strict=True))
    assert btrust.ledger()["signings"][0]["count"] == 4
    assert btrust.traits_of(request()) == {"operation": "arsign/sync", "signer": NAME}


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (request(token="other"), 404, "AR_SIGN_TOKEN_NOT_FOUND"),
        (request(token=None), 404, "AR_SIGN_TOKEN_NOT_FOUND"),
        (request([]), 400, "BAD_REQUEST"),
        (request([b"short"]), 400, "BAD_REQUEST"),
        (request(contentFormat="BINARY_BASE64"), 400, "BAD_REQUEST"),
        (request(signatureType="CADES_BASELINE_B"), 400, "BAD_REQUEST"),
        (request(data="ж"), 400, "BAD_REQUEST"),
    ],
)
def test_refusals(btrust, asked, status, code):
    answer = btrust.answer(asked)
    assert (answer.status, json.loads(answer.body)["responseCode"]) == (status, code)
    assert btrust.ledger() == {"signings": [], "refusals": {code: 1}}


def test_what_is_wrong_on_request(btrust, people):
    btrust.control("signatures", {"order": "reversed"})
    assert people.proves(NAME, DIGESTS[-1], made(btrust.answer(request()))[0])
    assert not people.proves(NAME, DIGESTS[0], made(btrust.altered(request(), btrust.answer(request())))[0])
    assert btrust.control("service", {"most": 3}) == {"code": None, "most": 3}
    assert json.loads(btrust.answer(request()).body)["code"] == "BATCH_SIZE_EXCEED"
    btrust.control("service", {"code": "CONSENT_REVOKE"})
    assert json.loads(btrust.answer(request()).body)["code"] == "CONSENT_REVOKE"
    btrust.reset()
    assert btrust.answer(request()).status == 200


@pytest.mark.parametrize("body", [[], {"most": 0}, {"most": "1"}, {"code": 1}, {"unknown": 1}])
def test_controls_that_cannot_be_understood(btrust, body):
    with pytest.raises(InvalidControl):
        btrust.control("service", body)


def test_other_addresses(btrust):
    assert btrust.control("unknown", {}) is None
    assert btrust.answer(Request("POST", "/arsign/sync", "", {}, b"")).status == 404
    assert btrust.answer(Request("GET", PATH, "", {}, b"")).status == 405
    assert btrust.failed(503, request()).status == 503
    assert btrust.altered(request(token=None), btrust.failed(503, request())).status == 503
    btrust.forget_tokens()
