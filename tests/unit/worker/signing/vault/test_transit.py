import pytest

from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.port import SigningFailed
from worker.signing.remote.exchange import Reply
from worker.signing.vault.transit import sign_body, signatures_in

HIDDEN = "hidden-token-58"


def results(*listed, status=200):
    return Reply(status, {"data": {"batch_results": list(listed)}})


@pytest.mark.parametrize(
    ("algorithm", "options"),
    [
        (
            SignatureAlgorithm.RSA_SHA256,
            {"hash_algorithm": "sha2-256", "signature_algorithm": "pkcs1v15"},
        ),
        (
            SignatureAlgorithm.RSA_PSS_SHA256,
            {"hash_algorithm": "sha2-256", "signature_algorithm": "pss", "salt_length": "hash"},
        ),
        (
            SignatureAlgorithm.ECDSA_P256_SHA256,
            {"hash_algorithm": "sha2-256", "marshaling_algorithm": "asn1"},
        ),
        (
            SignatureAlgorithm.ECDSA_P384_SHA384,
            {"hash_algorithm": "sha2-384", "marshaling_algorithm": "asn1"},
        ),
    ],
)
def test_the_request(algorithm, options):
    body = sign_body([b"1", b"2"], algorithm, 3)
    batch = {"batch_input": [{"input": "MQ=="}, {"input": "Mg=="}]}
    assert body == batch | {"prehashed": True, "key_version": 3} | options


def test_signatures():
    reply = results({"signature": "vault:v3:MQ==", "key_version": 3}, {"signature": "vault:v3:Mg=="})
    assert signatures_in(reply, 3) == [b"1", b"2"]


def test_those_that_failed_are_left_out_whatever_the_status():
    assert signatures_in(results({"error": HIDDEN}, {"signature": "vault:v3:MQ=="}, status=400), 3) == [b"1"]


CASES = {
    "another version": (results({"signature": "vault:v4:MQ=="}), "another version of the key", False),
    "no prefix": (results({"signature": "MQ=="}), "something else than a signature", False),
    "url-safe base64": (results({"signature": "vault:v3:-_-_"}), "something else than a signature", False),
    "no base64": (results({"signature": "vault:v3:MQ"}), "not base64", False),
    "all failed": (results({"error": HIDDEN}), "refuses the request", False),
    "all failed, with 400": (results({"error": HIDDEN}, status=400), "refuses the request", False),
    "all failed by an error of the server": (results({"error": HIDDEN}, status=500), "HTTP status 500", True),
    "an empty list": (results(), "without signatures", True),
    "nothing in the list": (results({}, 1, None), "without signatures", True),
    "400": (Reply(400, {"errors": [HIDDEN]}), "check key, key_version", False),
    "403": (Reply(403, {"errors": [HIDDEN]}), "refuses the token", False),
    "404": (Reply(404, {"errors": []}), "no such path", False),
    "405": (Reply(405, {}), "HTTP status 405", False),
    "412": (Reply(412, {}), "HTTP status 412", True),
    "429": (Reply(429, {}), "HTTP status 429", True),
    "473": (Reply(473, {}), "HTTP status 473", True),
    "sealed": (Reply(503, {"errors": ["Vault is sealed"]}), "HTTP status 503", True),
    "a proxy's page": (Reply(200, {}), "without signatures", True),
    "no list": (Reply(200, {"data": {"batch_results": 1}}), "without signatures", True),
    "no data": (Reply(200, {"data": None}), "without signatures", True),
}


@pytest.mark.parametrize(("reply", "reason", "transient"), CASES.values(), ids=CASES)
def test_answers_without_usable_signatures(reply, reason, transient):
    with pytest.raises(SigningFailed, match=reason) as failed:
        signatures_in(reply, 3)
    assert failed.value.transient is transient
    assert HIDDEN not in str(failed.value)
