import pytest
from pydantic import ValidationError

from worker.signing.csc.settings import CscSigner

GIVEN = {
    "kind": "csc",
    "url": "https://signing.invalid",
    "credential_id": "dr-ivanova",
    "client_id": "herald",
    "client_secret": "hidden-secret-41",
}
TLS = {"certificate_file": "tls.pem", "key_file": "tls-key.pem"}


def test_the_defaults():
    signer = CscSigner(**GIVEN, pin="hidden-pin-73")
    assert (signer.api, signer.service_auth, signer.credential_auth) == ("v2", "oauth2-client", "pin")
    assert "hidden" not in repr(signer) + signer.model_dump_json()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"url": "http://signing.invalid"}, "scheme should be 'https'"),
        ({"client_id": None}, "service_auth oauth2-client needs client_id"),
        ({"client_secret": None}, "exactly one of client_secret_file and client_secret"),
        ({"client_secret_file": "a"}, "exactly one of client_secret_file and client_secret"),
        ({"pin": "hidden-pin-73", "pin_file": "a"}, "at most one of pin_file and pin"),
        ({"credential_auth": "access-token", "pin": "hidden-pin-73"}, "access-token takes no pin"),
        ({"service_auth": "tls"}, "service_auth tls needs client_certificate"),
        ({"service_auth": "tls", "client_certificate": TLS}, "takes neither client_id nor client_secret"),
        ({"api": "v1.0.4", "asynchronous": True}, "asynchronous needs api v2"),
        ({"api": "v1"}, "api"),
        ({"poll_interval": 0}, "poll_interval"),
        ({"batch": {"most": 0}}, "batch.most"),
    ],
)
def test_what_is_refused(changes, problem):
    with pytest.raises(ValidationError) as caught:
        CscSigner(**GIVEN | changes)
    assert problem in str(caught.value)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("service_auth", "oauth2code", "a person must log in"),
        ("credential_auth", "oauth2code", "a person must log in"),
        ("credential_auth", "otp", "a person must read a one-time password"),
        ("credential_auth", "PasswordOOB", "a person must confirm each authorisation on a device"),
        ("credential_auth", "challenge-response", "a person must answer a challenge"),
        ("credential_auth", "implicit", "the provider itself asks the person"),
    ],
)
def test_what_needs_a_person_is_refused_with_the_reason(field, value, reason):
    with pytest.raises(ValidationError, match=f"cannot be {value}: {reason}.*Herald signs without one"):
        CscSigner(**GIVEN | {field: value})


def test_a_client_certificate_alone():
    given = {name: value for name, value in GIVEN.items() if not name.startswith("client_")}
    signer = CscSigner(**given, service_auth="tls", client_certificate=TLS, credential_auth="access-token")
    assert signer.client_id is None
