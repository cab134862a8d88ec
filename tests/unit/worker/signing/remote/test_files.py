"""Signers at providers whose files are missing or of no use are unusable from the start, each with its reason."""

import pytest
from pydantic import TypeAdapter

from tests.support.signing.certificates import NOW, YEAR, issue
from worker.signing.registry import load_signers
from worker.signing.settings import SignerSettings

SETTINGS: TypeAdapter[SignerSettings] = TypeAdapter(SignerSettings)
CSC = {
    "kind": "csc",
    "url": "https://signing.invalid",
    "credential_id": "dr-ivanova",
    "client_id": "herald",
    "client_secret_file": "secret",
    "pin_file": "pin",
    "client_certificate": {"certificate_file": "tls.pem", "key_file": "tls-key.pem"},
}
BTRUST = {
    "kind": "btrust-ars",
    "url": "https://bt.invalid",
    "token_file": "token",
    "certificate_file": "own.pem",
}
VAULT = {**BTRUST, "kind": "vault", "key": "seal", "key_version": 1}


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Load one signer, beside these files, and return the signer and its problems."""
    monkeypatch.chdir(tmp_path)

    def loaded(given, **files):
        for name, content in files.items():
            (tmp_path / name.replace("_", ".", 1)).write_bytes(content)
        signers = load_signers({"doctor": SETTINGS.validate_python(given)}, clock=lambda: NOW)
        return signers.keys.get("doctor"), signers.problems.get("doctor", ())

    return loaded


def test_every_missing_file_is_named_by_its_setting(load):
    _, problems = load(CSC, pin=b"1234")
    assert set(problems) == {
        "there is no client_secret_file secret",
        "there is no client_certificate.certificate_file tls.pem",
        "there is no client_certificate.key_file tls-key.pem",
    }


@pytest.mark.parametrize("given", [BTRUST, VAULT], ids=["btrust", "vault"])
def test_a_certificate_in_a_file_is_judged_without_asking_anybody(load, given):
    doctor, problems = load(
        given, token=b"t", own_pem=issue("Seal", start=NOW - 2 * YEAR, end=NOW - YEAR).pem()
    )
    assert problems == ()
    assert doctor.known.algorithm == "rsa-sha256"
    assert "the certificate expired on" in doctor.problem()


@pytest.mark.parametrize("given", [BTRUST, VAULT], ids=["btrust", "vault"])
@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"token": b"t"}, "there is no certificate_file own.pem"),
        (
            {"token": b"t", "own_pem": b"x"},
            "the certificate_file own.pem does not hold whole PEM certificates that can be read",
        ),
    ],
    ids=["missing", "no-certificate"],
)
def test_a_certificate_that_is_of_no_use_makes_the_signer_unusable(load, given, files, problem):
    assert load(given, **files) == (None, (problem,))
