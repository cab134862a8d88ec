"""Calls over real TLS, written by hand: answers, refusals, and every fault with what the ledger then holds."""

from __future__ import annotations

import json
import ssl
import time

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from tests.support.sandbox.epayment.calls import form, payment
from tests.support.sandbox.epayment.raw import exchange


def payments(epayment):
    return epayment.api.ledger()["payments"]


async def test_a_payment_request_is_registered_and_found(call, epayment):
    status, body = await call("paymentJson", payment())
    assert status == 200
    identifier = body["acceptedReceiptJson"]["id"]
    status, body = await call("paymentsStatus", {"requestIds": [identifier]})
    assert body["paymentStatuses"][0]["status"] == "pending"
    (kept,) = payments(epayment)
    assert (kept["id"], kept["amount"], kept["amountAsSent"]) == (identifier, "12.50", "12.5")
    assert epayment.service.shown()["counters"] == {
        "paymentJson": {"accepted": 1},
        "paymentsStatus": {"answered": 1},
    }


async def test_cyrillic_comes_through(call):
    reason = "Такса „ъгъл“ № 5"
    _, body = await call("paymentJson", payment(paymentReason=reason))
    identifier = body["acceptedReceiptJson"]["id"]
    _, body = await call("paymentsByIdJson", {"requestIds": [identifier]})
    assert body["paymentRequests"][0]["requestJson"]["paymentReason"] == reason


async def test_a_wrong_secret_is_401(epayment):
    body = form("sandbox-hospital", "another secret", payment())
    answer = await exchange(epayment.service_url + "paymentJson", epayment.ca_file, body)
    assert (answer.status, answer.headers["content-type"]) == (401, "application/json; charset=utf-8")
    assert payments(epayment) == []


async def test_a_client_that_does_not_trust_the_authority_sends_nothing(epayment, directory, tmp_path):
    outsider = directory / "signers" / "outsider.pem"
    with pytest.raises(ssl.SSLCertVerificationError):
        await exchange(epayment.service_url + "paymentJson", outsider, b"")
    assert list(epayment.request_log) == []


async def test_client_certificates_can_be_demanded(call, send, epayment, tmp_path):
    epayment.api.control("settings", {"client_certificate": True})
    assert (await send("paymentJson", payment())).status == 403
    certificate = pem_of(epayment.pki.signers[0], tmp_path / "signer.pem")
    status, _ = await call("paymentJson", payment(), certificate=certificate)
    assert status == 200


def pem_of(signer, file):
    """Write the signer's certificate with its key, as the TLS of Python's own library wants it."""
    password = signer.password_file.read_bytes()
    key, certificate, _ = pkcs12.load_key_and_certificates(signer.pkcs12_file.read_bytes(), password)
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(certificate.public_bytes(Encoding.PEM) + key_pem)
    return file


async def test_a_body_beyond_the_bound_is_413(epayment):
    answer = await exchange(
        epayment.service_url + "paymentJson", epayment.ca_file, b"a" * (4 * 1024 * 1024 + 1)
    )
    assert answer.status == 413
    assert list(epayment.request_log) == []


@pytest.mark.parametrize(
    ("fault", "registered"),
    [
        ({"kind": "drop-before"}, 0),
        ({"kind": "drop-after"}, 1),
        ({"kind": "hang-before", "seconds": 0.05}, 0),
        ({"kind": "hang-after", "seconds": 0.05}, 1),
        ({"kind": "outage", "seconds": 0.1}, 0),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else str(value),
)
async def test_an_answer_that_never_comes(send, epayment, fault, registered):
    epayment.faults.load(
        [{**fault, "match": {"operation": "paymentJson", "aisPaymentId": "HIS-1"}, "times": 1}]
    )
    with pytest.raises((OSError, EOFError)):
        await send("paymentJson", payment())
    assert len(payments(epayment)) == registered
    assert epayment.request_log[0].processed is bool(registered)


async def test_the_lost_answer_is_the_same_request_when_it_is_sent_again(send, call, epayment):
    epayment.faults.add("drop-after", times=1)
    with pytest.raises((OSError, EOFError)):
        await send("paymentJson", payment())
    (lost,) = payments(epayment)
    _, body = await call("paymentJson", payment())
    assert body["acceptedReceiptJson"]["id"] == lost["id"]
    assert [one["written"] for one in payments(epayment)] == [2]


@pytest.mark.parametrize(
    ("fault", "shown", "registered"),
    [
        ({"kind": "status", "status": 503, "body": "html"}, (503, "text/html"), 0),
        ({"kind": "status", "status": 502, "body": "empty"}, (502, "text/html"), 0),
        ({"kind": "status", "status": 500, "body": "own"}, (500, "application/json"), 0),
        ({"kind": "status", "status": 200, "body": "html"}, (200, "text/html"), 0),
        ({"kind": "status-after", "status": 504}, (504, "text/html"), 1),
        ({"kind": "garbage"}, (200, "application/json"), 1),
        ({"kind": "wrong-answer"}, (200, "application/json"), 1),
        ({"kind": "delay", "seconds": 0.2}, (200, "application/json"), 1),
    ],
    ids=["503", "502", "500", "html", "504-after", "garbage", "wrong-answer", "delay"],
)
async def test_faults_that_answer(send, epayment, fault, shown, registered):
    epayment.faults.load([fault])
    begun = time.monotonic()
    answer = await send("paymentJson", payment())
    assert time.monotonic() - begun >= fault.get("seconds", 0)
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == shown
    assert len(payments(epayment)) == registered


async def test_a_wrong_answer_names_another_request(call, epayment):
    epayment.faults.add("wrong-answer")
    _, body = await call("paymentJson", payment())
    assert body["acceptedReceiptJson"]["id"] != payments(epayment)[0]["id"]


async def test_garbage_is_no_json(send, epayment):
    epayment.faults.add("garbage")
    answer = await send("paymentJson", payment())
    with pytest.raises(ValueError, match=r"decode|Expecting"):
        json.loads(answer.body)


async def test_half_an_answer(send, epayment):
    epayment.faults.add("truncate")
    answer = await send("paymentJson", payment())
    assert not answer.whole
    assert answer.body
    assert len(payments(epayment)) == 1


async def test_a_wrong_content_type(send, epayment):
    epayment.api.control("settings", {"content_type": "text/plain"})
    answer = await send("paymentJson", payment())
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert json.loads(answer.body)["unacceptedReceiptJson"] is None


async def test_control_over_the_network(epayment, call):
    async def control(name, content, status=200):
        answer = await exchange(
            f"{epayment.url}/_sandbox/{name}",
            epayment.ca_file,
            json.dumps(content).encode(),
            media="application/json",
        )
        assert answer.status == status
        return json.loads(answer.body)

    (identifier,) = (await control("seed", {"count": 1}))["ids"]
    assert (await control("step", {"step": "pay", "id": identifier}))["changed"][0]["status"] == "Paid"
    assert "step must be one of" in (await control("step", {"step": "x"}, status=400))["problem"]
    assert (await control("settings", {"currencies": ["BGN"]}))["currencies"] == ["BGN"]
    assert (await control("callbacks", {}))["concurrency"] == 10
    await control("clock", {"offset_seconds": 60 * 86400})
    ledger = json.loads(
        (await exchange(f"{epayment.url}/_sandbox/ledger", epayment.ca_file, method="GET")).body
    )
    assert ledger["payments"][0]["status"] == "Paid"
    await control("reset", {})
    assert payments(epayment) == []
    assert (await call("paymentJson", payment()))[0] == 200
