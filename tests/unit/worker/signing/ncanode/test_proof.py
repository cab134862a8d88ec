"""What NCANode returns is verified by the certificate in it, as far as its algorithm is known here."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.support.signing.certificates import NOW, YEAR, issue, key_usage, rsa_key
from tests.support.signing.gost import gost_signer, signed_by_gost
from tests.support.systems.kz_shep.soap import ANSWER, signed_by_xmlsec
from worker.signing.ncanode.proof import require_proved
from worker.signing.port import CertificateNotValid, SigningFailed
from worker.signing.wsse.schemes import GOST_2004

CLINIC = issue("Clinic")
RSA = signed_by_xmlsec(CLINIC, ANSWER)
GOST = signed_by_gost(gost_signer("Clinic"), ANSWER)
VALUE = re.compile(rb"(SignatureValue>\s*)(.)")


@pytest.mark.parametrize("document", [RSA, GOST], ids=["rsa", "gost-2015"])
def test_a_right_signature_passes_and_one_changed_letter_does_not(document):
    require_proved(document, NOW)
    changed = VALUE.sub(lambda found: found[1] + (b"B" if found[2] == b"A" else b"A"), document, count=1)
    with pytest.raises(SigningFailed, match="does not belong to the certificate in it") as caught:
        require_proved(changed, NOW)
    assert not caught.value.transient


@pytest.mark.parametrize("document", [RSA, GOST], ids=["rsa", "gost-2015"])
def test_another_body_does_not(document):
    with pytest.raises(SigningFailed, match="not over its Body"):
        require_proved(
            document.replace("ТҰМАР".encode(), "ТҰМАН".encode()).replace(b"&#1058;", b"&#1059;"), NOW
        )


@pytest.mark.parametrize(
    ("issued", "problem"),
    [
        (issue("Old", start=NOW - 2 * YEAR, end=NOW - timedelta(days=3)), "the certificate expired on"),
        (issue("Later", start=NOW + timedelta(days=3)), "valid only from"),
    ],
)
def test_a_certificate_that_is_not_valid_is_named(issued, problem):
    with pytest.raises(CertificateNotValid, match=problem) as caught:
        require_proved(signed_by_xmlsec(issued, ANSWER), NOW)
    assert f"{issued.certificate.serial_number:x}" in str(caught.value)


@pytest.mark.parametrize(
    ("issued", "problem"),
    [
        (issue("Mail", usage=key_usage()), "KeyUsage allows neither"),
        (issue("Weak", key=rsa_key("weak", 1024)), "fewer than 2048 bits"),
    ],
)
def test_one_that_may_not_sign_is_refused(issued, problem):
    with pytest.raises(SigningFailed, match=problem):
        require_proved(signed_by_xmlsec(issued, ANSWER), NOW)


def test_sha_1_is_refused_and_what_cannot_be_checked_here_passes():
    method = re.compile(rb'(SignatureMethod Algorithm=")[^"]+')
    with pytest.raises(SigningFailed, match="SHA-1, which can be forged"):
        require_proved(method.sub(rb"\g<1>http://www.w3.org/2000/09/xmldsig#rsa-sha1", RSA), NOW)
    require_proved(method.sub(rb"\g<1>" + GOST_2004.encode(), RSA), NOW)


def test_no_certificate_in_full_is_refused():
    with pytest.raises(SigningFailed, match="exactly one certificate"):
        require_proved(re.sub(rb"#X509v3", b"#other", RSA), NOW)
