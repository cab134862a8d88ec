"""OCSP answers made here: whose signature counts, and what an answer must be about."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as library
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.support.signing.certificates import NOW, issue, rsa_key
from tests.support.signing.revocation import DOCTOR, GONE, HOUR, ROOT, answer, delegate
from worker.signing.gate.crl import Unusable
from worker.signing.gate.ocsp import SHORTEST, request, stated

FORGER = issue("Root", key=rsa_key("forger"), authority=True)


def read(content, now=NOW):
    return stated(content, DOCTOR.certificate, ROOT.certificate, now)


def test_the_request_is_about_the_certificate():
    asked = library.load_der_ocsp_request(request(DOCTOR.certificate, ROOT.certificate))
    assert asked.serial_number == DOCTOR.certificate.serial_number


@pytest.mark.parametrize("hashed", [SHA1, SHA256])
@pytest.mark.parametrize("by", [None, delegate()], ids=["the authority", "its delegate"])
def test_good_and_revoked(by, hashed):
    assert read(answer(by=by, hashed=hashed)).revoked_at is None
    found = read(answer(status="REVOKED", by=by, hashed=hashed))
    assert (found.revoked_at, found.ends) == (NOW - HOUR, NOW + HOUR)


def test_an_answer_without_an_end_holds_for_an_hour():
    assert read(answer(end=None, start=NOW - HOUR / 2)).ends == NOW - HOUR / 2 + SHORTEST


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"text", "not an answer of OCSP"),
        (answer(GONE), "about another certificate"),
        (answer(status="UNKNOWN"), "does not know the certificate"),
        (answer(end=NOW), "does not hold at this time"),
        (answer(start=NOW + HOUR, end=NOW + 2 * HOUR), "does not hold at this time"),
        (answer(issuer=FORGER), "signature is not the authority's"),
        (answer(by=delegate(usage=ExtendedKeyUsageOID.CLIENT_AUTH)), "signature is not the authority's"),
        (answer(by=delegate(end=NOW - HOUR)), "signature is not the authority's"),
        (answer(by=delegate(issuer=FORGER)), "signature is not the authority's"),
        (
            library.OCSPResponseBuilder.build_unsuccessful(library.OCSPResponseStatus.TRY_LATER).public_bytes(
                Encoding.DER
            ),
            "the responder says try_later",
        ),
    ],
)
def test_an_answer_that_says_nothing(content, problem):
    with pytest.raises(Unusable, match=problem):
        read(content)
