"""The gate: a chain must reach a trust anchor, and where revocation is asked about, what follows from the answer."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.signing.certificates import NOW, YEAR, Issued, issue, key_usage
from tests.support.signing.signers import identity_of
from worker.configuration_error import ConfigurationError
from worker.signing.checked import checked
from worker.signing.gate.anchors import NO_CHAIN, Anchors, load_anchors
from worker.signing.gate.crl import Unusable
from worker.signing.gate.gate import CertificateGate, make_gate
from worker.signing.gate.revocation import Revocation
from worker.signing.gate.settings import SigningSettings
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.port import CertificateNotValid, SigningFailed

DAY = timedelta(days=1)
ROOT = issue("Root", authority=True)
SUB = issue("Sub", issuer=ROOT, authority=True)
DOCTOR = issue("Doctor", issuer=SUB, usage=key_usage(content_commitment=True))
OTHER = issue("Other root", authority=True)
ENDED = issue("Ended", issuer=ROOT, authority=True, end=NOW - DAY)
NO_AUTHORITY = issue("No authority", issuer=ROOT)
NO_ISSUER = issue("No issuer", issuer=ROOT, authority=True, usage=key_usage(digital_signature=True))


def gate_of(*anchors, now=NOW, revocation=None):
    found = Anchors([one.certificate for one in anchors]) if anchors else None
    return CertificateGate(lambda: now, anchors=found, revocation=revocation)


def signer_of(issued, gate):
    key = Pkcs12Key("doctor", issued.key, issued.certificate, issuers=issued.issuers)
    return checked(key, clock=lambda: NOW, gate=gate)


@pytest.mark.parametrize(
    ("issued", "anchors", "reaches"),
    [
        (DOCTOR, [ROOT], True),
        (DOCTOR, [SUB], True),
        (DOCTOR, [OTHER, ROOT], True),
        (Issued(DOCTOR.certificate, DOCTOR.key, (ROOT.certificate, SUB.certificate)), [ROOT], True),
        (Issued(DOCTOR.certificate, DOCTOR.key), [SUB], True),
        (Issued(DOCTOR.certificate, DOCTOR.key), [ROOT], False),
        (DOCTOR, [OTHER], False),
        (issue("Alone"), [ROOT], False),
        (issue("Late", issuer=ENDED), [ROOT], False),
        (issue("Wrong", issuer=NO_AUTHORITY), [ROOT], False),
        (issue("Unusual", issuer=NO_ISSUER), [ROOT], False),
    ],
)
async def test_a_chain_reaches_an_anchor_or_nothing_is_signed(issued, anchors, reaches):
    signer = signer_of(issued, gate_of(*anchors))
    if reaches:
        assert signer.problem() is None
        assert await signer.sign_digests([bytes(32)])
        return
    assert signer.problem() == NO_CHAIN
    with pytest.raises(SigningFailed, match="does not chain to a trust anchor") as caught:
        await signer.identity()
    assert caught.value.transient is False


async def test_without_anchors_no_chain_is_judged():
    assert await signer_of(issue("Alone"), gate_of()).sign_digests([bytes(32)])


async def test_an_expired_certificate_is_called_expired_and_not_without_a_chain():
    old = issue("Old", issuer=SUB, end=NOW - DAY)
    signer = signer_of(old, gate_of(ROOT))
    assert signer.problem().startswith("the certificate expired on ")
    with pytest.raises(SigningFailed, match=r"expired on .* UTC") as caught:
        await signer.identity()
    assert f"serial number {old.certificate.serial_number:x}" in str(caught.value)


async def test_a_chain_is_judged_once_and_again_after_an_hour_and_with_other_anchors(monkeypatch):
    judged, now, find = [], NOW, Anchors.chain
    monkeypatch.setattr(Anchors, "chain", lambda self, *more: judged.append(1) or find(self, *more))
    gate = CertificateGate(lambda: now, anchors=Anchors([ROOT.certificate]))
    signer = signer_of(DOCTOR, gate)
    for _ in range(3):
        await signer.sign_digests([bytes(32)])
    assert len(judged) == 1
    now = NOW + timedelta(hours=1)
    await signer.sign_digests([bytes(32)])
    assert len(judged) == 2
    gate.trust(Anchors([OTHER.certificate]))
    with pytest.raises(SigningFailed, match="does not chain"):
        await signer.sign_digests([bytes(32)])


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "cannot be read: No such file"), (b"text", "does not hold whole PEM certificates")],
)
def test_anchors_that_cannot_be_read_are_a_problem_of_the_setting(tmp_path, content, problem):
    file = tmp_path / "anchors.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=problem) as caught:
        make_gate(SigningSettings(trust_anchors=file), lambda: NOW)
    assert str(caught.value).startswith("signing.trust_anchors: ")


def test_anchors_are_read_from_a_file(tmp_path):
    file = tmp_path / "anchors.pem"
    file.write_bytes(OTHER.pem() + ROOT.certificate.public_bytes(Encoding.PEM))
    assert load_anchors(file).chain(identity_of(DOCTOR), NOW) is not None
    assert load_anchors(file).chain(identity_of(DOCTOR), NOW + 2 * YEAR) is None


class Source:
    """Says what a test lets it say."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    async def revoked_at(self, certificate, issuer):
        self.asked.append((certificate, issuer))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def close(self):
        self.asked.append("closed")


class Client:
    async def aclose(self):
        pass


def revoked_by(source, *, sign_unknown=False):
    return Revocation(source, Client(), sign_unknown=sign_unknown)


@pytest.mark.parametrize("anchors", [(), (ROOT,)], ids=["chain not judged", "anchors"])
async def test_a_good_certificate_signs_and_its_own_authority_is_asked(anchors):
    source = Source(None)
    gate = gate_of(*anchors, revocation=revoked_by(source))
    assert await signer_of(DOCTOR, gate).sign_digests([bytes(32)])
    assert set(source.asked) == {(DOCTOR.certificate, SUB.certificate)}
    await gate.close()
    assert source.asked[-1] == "closed"


async def test_a_revoked_certificate_signs_nothing():
    signer = signer_of(DOCTOR, gate_of(ROOT, revocation=revoked_by(Source(NOW - DAY))))
    assert signer.problem() is None  # nobody was asked yet
    with pytest.raises(SigningFailed, match="the certificate was revoked on") as caught:
        await signer.identity()
    assert caught.value.transient is False
    assert "the certificate was revoked on" in signer.problem()


async def test_an_unknown_status_waits_where_it_must_be_known():
    signer = signer_of(DOCTOR, gate_of(ROOT, revocation=revoked_by(Source(Unusable("no answer")))))
    with pytest.raises(SigningFailed, match=r"it is not known whether .*: no answer") as caught:
        await signer.identity()
    assert caught.value.transient is True
    assert "no answer" in signer.problem()


async def test_an_unknown_status_signs_with_one_warning_where_it_may(caplog):
    source = Source(Unusable("no answer"))
    signer = signer_of(DOCTOR, gate_of(ROOT, revocation=revoked_by(source, sign_unknown=True)))
    for _ in range(3):
        assert await signer.sign_digests([bytes(32)])
    assert caplog.messages == ["a signer signs unchecked"]
    assert signer.problem() is None
    source.answer = NOW - DAY
    with pytest.raises(SigningFailed, match="revoked on"):
        await signer.identity()


@pytest.mark.parametrize("sign_unknown", [True, False])
async def test_a_revoked_certificate_stays_revoked_while_nobody_answers(sign_unknown):
    source = Source(NOW - DAY)
    signer = signer_of(DOCTOR, gate_of(ROOT, revocation=revoked_by(source, sign_unknown=sign_unknown)))
    for source.answer in (NOW - DAY, Unusable("no answer"), Unusable("no answer")):
        with pytest.raises(CertificateNotValid, match="revoked on"):
            await signer.identity()
    assert "revoked on" in signer.problem()
    source.answer = None
    assert await signer.sign_digests([bytes(32)])


async def test_without_its_authority_the_status_is_unknown():
    alone = Issued(DOCTOR.certificate, DOCTOR.key)
    signer = signer_of(alone, gate_of(revocation=revoked_by(Source(None))))
    with pytest.raises(SigningFailed, match="the certificate of its authority is not known"):
        await signer.identity()


async def test_an_expired_certificate_is_not_asked_about():
    source = Source(None)
    signer = signer_of(issue("Old", issuer=SUB, end=NOW - DAY), gate_of(revocation=revoked_by(source)))
    with pytest.raises(SigningFailed, match="expired on"):
        await signer.identity()
    assert source.asked == []


@pytest.mark.parametrize(
    "values",
    [
        {"by": "crl"},
        {"by": "ocsp", "crls": ["/etc/list.crl"]},
        {"by": "crl", "crls": ["/etc/list.crl"], "ocsp_url": "http://ocsp.test"},
    ],
)
def test_settings_that_contradict_each_other(values):
    with pytest.raises(ValueError, match=r"crls must be given|ocsp_url is used only"):
        SigningSettings(revocation=values)
