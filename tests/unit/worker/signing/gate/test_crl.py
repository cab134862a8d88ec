"""Revocation lists made here: what is believed of them, and what says nothing."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.signing.certificates import NOW, rsa_key
from tests.support.signing.revocation import DAY, DOCTOR, GONE, OTHER, ROOT, crl
from worker.signing.gate.crl import Unusable, ends, read_crl, revoked_at


def test_a_list_names_those_that_are_revoked():
    found = crl(GONE)
    assert revoked_at(found, GONE.certificate, ROOT.certificate, NOW) == NOW - DAY
    assert revoked_at(found, DOCTOR.certificate, ROOT.certificate, NOW) is None
    assert ends(found) == NOW + DAY


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (crl(GONE, issuer=OTHER), "not of the certificate's authority"),
        (crl(GONE, key=rsa_key("forger")), "signature is not the authority's"),
        (crl(GONE, end=NOW), "does not hold at this time"),
        (crl(GONE, start=NOW + DAY, end=NOW + 2 * DAY), "does not hold at this time"),
        (crl(GONE, extension=x509.DeltaCRLIndicator(3)), "delta or partial list"),
    ],
)
def test_a_list_that_says_nothing(found, problem):
    for certificate in (GONE.certificate, DOCTOR.certificate):
        with pytest.raises(Unusable, match=problem):
            revoked_at(found, certificate, ROOT.certificate, NOW)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_both_encodings_are_read(encoding):
    assert read_crl(crl(GONE).public_bytes(encoding)).issuer == ROOT.certificate.subject


@pytest.mark.parametrize("content", [b"", b"text", b"-----BEGIN X509 CRL-----\nAA\n-----END X509 CRL-----\n"])
def test_what_is_no_list(content):
    with pytest.raises(Unusable, match="not a revocation list"):
        read_crl(content)
