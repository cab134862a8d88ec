import json
from base64 import b64encode

import pytest

from worker.signing.btrust.answer import TooLarge, signatures_in
from worker.signing.port import SigningFailed
from worker.signing.remote.exchange import Reply

HIDDEN = "hidden-token-58"


def signature(value=b"s", **changes):
    made = {"signature": b64encode(value).decode(), "signatureType": "SIGNATURE", "status": "SIGNED"}
    return made | changes


def signed(*signatures):
    return Reply(200, {"code": "OK", "responseCode": "OK", "data": {"signatures": list(signatures)}})


def refused(code, status=400):
    return Reply(status, {"code": code, "responseCode": code, "message": HIDDEN})


def test_signatures():
    assert signatures_in(signed(signature(b"1"), signature(b"2", status="RECEIVED"))) == [b"1", b"2"]


@pytest.mark.parametrize("status", ["ERROR", "EXPIRED", "IN_PROGRESS", "REJECTED", "REMOVED", None])
def test_one_that_was_not_made_is_left_out(status):
    assert signatures_in(signed(signature(b"1", status=status), signature(b"2"))) == [b"2"]


CODES = {
    "AR_SIGN_TOKEN_NOT_FOUND": (404, "token is not known", False),
    "AR_SIGN_TOKEN_VALIDATION_FAILED": (400, "token is not valid", False),
    "CONSENT_REVOKE": (400, "revoked the consent", False),
    "ACTIVE_CERTIFICATE_NOT_FOUND": (400, "no active certificate", False),
    "CHANGED_PIN": (400, "changed the PIN", False),
    "DETACHED_DEVICE": (400, "device is detached", False),
    "UNAUTHORIZED": (401, "refuses this client", False),
    "SIGNATURE_TYPE_NOT_VALID": (400, "refuses signature_type", False),
    "RP_BASED_DOCUMENTS_CONTENT_FORMAT_DIGEST": (400, "refuses content_format", False),
    "RP_CALLBACK_ID_DUPLICATE": (400, "an earlier one", False),
    "API_RATE_LIMIT_EXCEEDED": (429, "rate limit", True),
    "REQUEST_TIMEOUT": (400, "did not sign in time", True),
    "REQUEST_ALREADY_IN_PROCESSING": (400, "busy with an earlier request", True),
}


@pytest.mark.parametrize(("code", "told"), CODES.items(), ids=CODES)
def test_codes(code, told):
    status, reason, transient = told
    with pytest.raises(SigningFailed, match=f"{reason}.*{code}") as failed:
        signatures_in(refused(code, status))
    assert failed.value.transient is transient
    assert HIDDEN not in str(failed.value)


@pytest.mark.parametrize("code", ["BATCH_SIZE_EXCEED", "REQUEST_EXCEED_LIMIT"])
def test_a_batch_that_is_too_large(code):
    with pytest.raises(TooLarge):
        signatures_in(refused(code))


@pytest.mark.parametrize(
    "content",
    [
        {"responseCode": "CONSENT_REVOKE"},
        {"code": "CONSENT_REVOKE"},
        {"message": "CONSENT_REVOKE"},
        {"data": {"responseCode": "CONSENT_REVOKE"}},
        {"data": json.dumps({"responseCode": "CONSENT_REVOKE"})},
        {"code": "BORICA", "data": {"code": "CONSENT_REVOKE"}},
    ],
)
def test_the_code_is_found_wherever_public_code_has_it(content):
    with pytest.raises(SigningFailed, match="CONSENT_REVOKE"):
        signatures_in(Reply(400, content))


@pytest.mark.parametrize(
    ("reply", "transient"),
    [
        (Reply(200, {}), True),
        (Reply(200, {"data": "text"}), True),
        (Reply(200, {"data": "[" * 10_000}), True),
        (Reply(200, {"data": {"signatures": ["x", None]}}), True),
        (signed(), True),
        (Reply(503, {}), True),
        (Reply(429, {}), True),
        (Reply(400, {"code": HIDDEN}), False),
        (Reply(403, {}), False),
        (signed(signature(signature="x")), False),
    ],
)
def test_other_answers(reply, transient):
    with pytest.raises(SigningFailed) as failed:
        signatures_in(reply)
    assert failed.value.transient is transient
    assert HIDDEN not in str(failed.value)
