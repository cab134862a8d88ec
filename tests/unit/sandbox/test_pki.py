"""The certificates the sandbox makes: who issued them, for whom, and that the people are invented."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from sandbox.authority import Authority
from sandbox.nhis import identifiers
from sandbox.pki import DOCTORS, OUTSIDER, Pki


@pytest.fixture(scope="module")
def authority():
    return Authority.create("Test CA")


@pytest.fixture(scope="module")
def signer(authority):
    return authority.issue_signer(DOCTORS[0])


@pytest.mark.parametrize("doctor", [*DOCTORS, OUTSIDER])
def test_people_are_invented(doctor):
    assert identifiers.egn_is_valid(doctor.egn)
    assert 1800 <= identifiers.egn_birth_date(doctor.egn).year <= 1899
    assert len(doctor.uin) == 10
    assert doctor.uin.isdigit()


def test_names_and_uins_differ():
    people = [*DOCTORS, OUTSIDER]
    assert len({p.name for p in people}) == len({p.uin for p in people}) == len(people)


def test_signer_is_shaped_like_a_qualified_certificate(authority, signer):
    certificate = signer.certificate
    certificate.verify_directly_issued_by(authority.certificate)
    assert signer.key.key_size == 2048
    subject = {a.oid: a.value for a in certificate.subject}
    assert subject[NameOID.SERIAL_NUMBER] == f"PNOBG-{DOCTORS[0].egn}"
    assert subject[NameOID.COMMON_NAME] == DOCTORS[0].common_name
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.content_commitment
    assert not usage.key_cert_sign


def test_another_authority_did_not_issue_it(signer):
    with pytest.raises((ValueError, InvalidSignature)):
        signer.certificate.verify_directly_issued_by(Authority.create("Other CA").certificate)


def test_an_authority_of_the_same_name_did_not_issue_it(signer):
    with pytest.raises(InvalidSignature):
        signer.certificate.verify_directly_issued_by(Authority.create("Test CA").certificate)


def test_server_certificate_is_for_this_machine_only(authority):
    certificate = authority.issue_server().certificate
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_the_server_has_the_names_of_this_machine_and_those_asked_for(tmp_path):
    made = Pki.create(tmp_path, server_names=("sandbox-nhis", "192.0.2.7"))
    assert made.server_names() == {"localhost", "127.0.0.1", "::1", "sandbox-nhis", "192.0.2.7"}
