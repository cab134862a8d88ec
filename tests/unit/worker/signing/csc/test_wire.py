import pytest

from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.csc import wire
from worker.signing.csc.credential import Credential
from worker.signing.csc.wire import Wire
from worker.signing.port import Identity

HASHES = [b"1" * 32, b"2" * 32]
ENCODED = ["MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=", "MjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjI="]
SHA256, RSA_SHA256 = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11"
FIRST, SECOND = Wire("v1.0.4", "c-1"), Wire("v2", "c-1")


@pytest.fixture
def credential(people):
    certificate = people.keys["dr-ivanova"].certificate

    def make(*, bound=False, with_pin=True, algorithm=SignatureAlgorithm.RSA_SHA256):
        identity = Identity(certificate, (), algorithm)
        return Credential(
            identity, RSA_SHA256, multisign=10, bound=bound, secret_id="PIN" if with_pin else None
        )

    return make


def test_addresses():
    assert (
        SECOND.url("https://provider/base/", wire.SIGN) == "https://provider/base/csc/v2/signatures/signHash"
    )
    assert FIRST.url("https://provider", wire.INFO) == "https://provider/csc/v1/info"


def test_the_question_for_the_credential():
    asked = {"credentialID": "c-1", "certificates": "chain", "certInfo": True, "authInfo": True}
    assert FIRST.credential() == SECOND.credential() == asked


def test_authorisations_of_both_versions(credential):
    common = {"credentialID": "c-1", "numSignatures": 10}
    one = credential()
    assert FIRST.authorize(one, HASHES, 10, "1234") == common | {"PIN": "1234"}
    data = {"authData": [{"id": "PIN", "value": "1234"}]}
    assert SECOND.authorize(one, HASHES, 10, "1234") == common | data
    assert SECOND.authorize(credential(with_pin=False), HASHES, 10, None) == common


def test_authorisations_that_are_bound_to_the_digests(credential):
    bound = credential(bound=True)
    common = {"credentialID": "c-1", "numSignatures": 2}
    assert FIRST.authorize(bound, HASHES, 2, None) == common | {"hash": ENCODED, "hashAlgo": SHA256}
    assert SECOND.authorize(bound, HASHES, 2, None) == common | {
        "hashes": ENCODED,
        "hashAlgorithmOID": SHA256,
    }


def test_signatures_of_both_versions(credential):
    common = {"credentialID": "c-1", "signAlgo": RSA_SHA256, "SAD": "s"}
    one = credential()
    first = FIRST.sign(one, HASHES, "s", asynchronous=False)
    assert first == common | {"hash": ENCODED, "hashAlgo": SHA256}
    second = SECOND.sign(one, HASHES, "s", asynchronous=False)
    assert second == common | {"hashes": ENCODED, "hashAlgorithmOID": SHA256}
    assert SECOND.sign(one, HASHES, "s", asynchronous=True) == second | {"operationMode": "A"}


def test_signatures_without_an_authorisation_and_with_parameters(credential):
    body = SECOND.sign(
        credential(algorithm=SignatureAlgorithm.RSA_PSS_SHA256), HASHES, None, asynchronous=False
    )
    assert "SAD" not in body
    assert body["signAlgoParams"].startswith("MDSg")


def test_later_answers():
    assert wire.check_handle("h") == {"handle": "h"}
    assert wire.poll("r") == {"requestID": "r"}
    assert SECOND.extend("s") == {"credentialID": "c-1", "SAD": "s"}
