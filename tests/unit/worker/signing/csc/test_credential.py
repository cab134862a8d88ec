from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.csc.credential import read_credential
from worker.signing.port import CertificateNotValid, SigningFailed
from worker.signing.remote.exchange import Reply

RSA_SHA256, RSA = "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1"
PASSWORD = {"type": "Password", "id": "pin-1"}


@pytest.fixture
def described(people):
    certificates = [people.keys["dr-ivanova"].certificate, people.authority.certificate]

    def make(**changes):
        encoded = [b64encode(one.public_bytes(Encoding.DER)).decode() for one in certificates]
        return {
            "key": {"status": "enabled", "algo": [RSA, RSA_SHA256], "len": 2048},
            "cert": {"status": "valid", "certificates": encoded},
            "auth": {"mode": "explicit", "expression": "pin-1", "objects": [PASSWORD]},
            "multisign": 20,
        } | changes

    return make


def read(content, *, second=True, algorithm=None, has_secret=True):
    return read_credential(Reply(200, content), second=second, algorithm=algorithm, has_secret=has_secret)


def test_a_credential_with_a_password(described, people):
    found = read(described())
    assert found.identity.certificate == people.keys["dr-ivanova"].certificate
    assert found.identity.issuers == (people.authority.certificate,)
    assert found.identity.algorithm is SignatureAlgorithm.RSA_SHA256
    assert (found.sign_algorithm, found.hash_algorithm) == (RSA_SHA256, "2.16.840.1.101.3.4.2.1")
    assert (found.multisign, found.bound, found.secret_id) == (20, False, "pin-1")


@pytest.mark.parametrize(
    ("changes", "multisign", "bound"),
    [
        ({"SCAL": "2"}, 20, True),
        ({"SCAL": 2}, 20, True),
        ({"SCAL": "1"}, 20, False),
        ({"multisign": 0}, 1, False),
        ({"multisign": "many"}, 1, False),
        ({"multisign": None}, 1, False),
    ],
)
def test_how_it_is_authorised(described, changes, multisign, bound):
    found = read(described(**changes))
    assert (found.multisign, found.bound) == (multisign, bound)


def test_one_without_any_secret(described):
    assert read(described(auth={"mode": "explicit", "objects": []}), has_secret=False).secret_id is None


@pytest.mark.parametrize("presence", ["true", "optional"])
def test_version_1(described, presence):
    content = described(authMode="explicit", PIN={"presence": presence}, OTP={"presence": "false"})
    assert read(content, second=False).secret_id == "PIN"


def test_version_1_without_a_pin(described):
    assert read(described(authMode="explicit"), second=False, has_secret=False).secret_id is None


PERSONS = {
    "one-time password": ({"objects": [PASSWORD, {"type": "ChallengeResponse", "id": "otp"}]}, "a challenge"),
    "out of band": ({"objects": [{"type": "PasswordOOB", "id": "app"}]}, "confirm each authorisation"),
    "challenge out of band": ({"objects": [{"type": "ChallengeResponseOOB", "id": "app"}]}, "on a device"),
    "something new": ({"objects": [{"type": "Iris", "id": "eye"}]}, "does not know"),
    "two passwords": ({"objects": [PASSWORD, PASSWORD]}, "several passwords"),
    "login": ({"mode": "oauth2code"}, "a person must log in"),
    "implicit": ({"mode": "implicit"}, "the provider itself asks the person"),
    "new mode": ({"mode": "other"}, "not known"),
}


@pytest.mark.parametrize(("auth", "reason"), PERSONS.values(), ids=PERSONS)
def test_one_that_needs_a_person_is_refused_with_the_reason(described, auth, reason):
    with pytest.raises(SigningFailed, match=reason) as failed:
        read(described(auth={"mode": "explicit"} | auth))
    assert not failed.value.transient


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"authMode": "implicit"}, "the provider itself asks the person"),
        ({"authMode": "oauth2code"}, "a person must log in"),
        ({"OTP": {"presence": "true", "type": "online"}}, "a one-time password"),
    ],
)
def test_the_same_of_version_1(described, changes, reason):
    with pytest.raises(SigningFailed, match=reason):
        read(described(**changes), second=False)


UNUSABLE = {
    "no PIN configured": ({}, {"has_secret": False}, "set credential_auth to pin, and pin_file"),
    "key disabled": ({"key": {"status": "disabled"}}, {}, "disabled the credential's key"),
    "no certificate": ({"cert": {}}, {}, "did not return the credential's certificate"),
    "no base64": ({"cert": {"certificates": ["x"]}}, {}, "cannot be read"),
    "no certificate in it": ({"cert": {"certificates": ["eHg="]}}, {}, "cannot be read"),
    "a number": ({"cert": {"certificates": [1]}}, {}, "cannot be read"),
    "algorithm": ({"key": {"algo": ["1.2.3"]}}, {}, "does not offer the algorithm rsa-sha256"),
    "configured algorithm": (
        {},
        {"algorithm": SignatureAlgorithm.RSA_PSS_SHA256},
        "does not offer the algorithm rsa-pss-sha256",
    ),
    "nothing at all": (None, {}, "did not return"),
}


@pytest.mark.parametrize(
    ("status", "told"), [("expired", "expired"), ("revoked", "revoked"), ("hidden", "not valid")]
)
def test_a_certificate_that_the_provider_says_is_not_valid_is_no_fault_of_the_source(
    described, people, status, told
):
    content, certificate = described(), people.keys["dr-ivanova"].certificate
    content["cert"]["status"] = status
    with pytest.raises(CertificateNotValid) as failed:
        read(content)
    assert f"{certificate.serial_number:x}, until {certificate.not_valid_after_utc:%Y-%m-%d}" in str(
        failed.value
    )
    assert str(failed.value).endswith(f"is {told}")


@pytest.mark.parametrize(("changes", "options", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_one_that_cannot_be_used(described, changes, options, reason):
    content = {} if changes is None else described(**changes)
    with pytest.raises(SigningFailed, match=reason) as failed:
        read(content, **options)
    assert not failed.value.transient
