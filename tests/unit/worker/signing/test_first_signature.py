"""Which documents are verified before they leave: the first of a signer, and none after it that is right."""

import asyncio
import logging

import pytest
from lxml import etree

from tests.support.signing.certificates import rsa_key
from tests.support.signing.signers import Signer
from worker.signing import signxml_verifier
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.port import SigningFailed
from worker.signing.wsse.names import SOAP
from worker.signing.wsse.sign import WsseSigner
from worker.signing.xmldsig import sign_enveloped

ENVELOPE = f'<S:Envelope xmlns:S="{SOAP}"><S:Body><m/></S:Body></S:Envelope>'.encode()
EGN = "7223154154"


@pytest.fixture
def verified(monkeypatch):
    """The forms that signxml was asked about, in turn."""
    asked, verify = [], signxml_verifier.verify

    def noted(document, form, identity, *, content):
        asked.append(form.name)
        verify(document, form, identity, content=content)

    monkeypatch.setattr(signxml_verifier, "verify", noted)
    return asked


@pytest.fixture
def fresh(doctor):
    """A signer that has signed nothing yet."""
    return Pkcs12Key("doctor", doctor.key, doctor.certificate)


@pytest.fixture
def mismatched(doctor):
    """A signer whose certificate is of another key."""
    return Pkcs12Key("doctor", rsa_key("another"), doctor.certificate)


def sign(key):
    return sign_enveloped(etree.fromstring(f"<m><egn value='{EGN}'/></m>"), key)


async def test_the_first_is_verified_and_no_other(fresh, verified):
    for _ in range(3):
        await sign(fresh)
    assert verified == ["enveloped XMLDSig"]


async def test_each_form_has_a_first_of_its_own(fresh, verified):
    for _ in range(2):
        await sign(fresh)
        await WsseSigner(fresh).sign_document(ENVELOPE)
    assert verified == ["enveloped XMLDSig", "WS-Security"]


async def test_a_key_that_is_loaded_anew_is_verified_anew(fresh, doctor, verified):
    await sign(fresh)
    await sign(Pkcs12Key("doctor", doctor.key, doctor.certificate))
    assert len(verified) == 2


async def test_a_key_of_another_certificate_signs_nothing(mismatched, verified, caplog):
    logging.getLogger("worker").setLevel(logging.DEBUG)
    for _ in range(2):
        with pytest.raises(SigningFailed) as caught:
            await sign(mismatched)
        with pytest.raises(SigningFailed) as in_soap:
            await WsseSigner(mismatched).sign_document(ENVELOPE)
    serial = f"{mismatched.known.certificate.serial_number:x}"
    for failed in (caught.value, in_soap.value):
        assert not failed.transient
        assert str(failed) == (
            f'signer "doctor" (certificate serial number {serial}): the signature '
            "does not belong to its certificate; check that the signer's private key is that of the certificate"
        )
        assert failed.__cause__ is None
    assert len(verified) == 4
    assert EGN not in caplog.text


def wavering(key, wrong):
    """A signer that signs wrongly at first."""

    async def sign(digests):
        nonlocal wrong
        wrong -= 1
        (signature,) = await key.sign_digests(digests)
        return [signature if wrong < 0 else signature[::-1]]

    return Signer(key, sign)


async def test_a_failure_is_not_remembered(fresh, verified):
    key = wavering(fresh, wrong=2)
    for _ in range(2):
        with pytest.raises(SigningFailed):
            await sign(key)
    for _ in range(2):
        await sign(key)
    assert len(verified) == 3


async def test_at_the_same_time_nothing_leaves_unverified(fresh, verified):
    """Each is verified by itself until one was right."""
    key = wavering(fresh, wrong=5)
    results = await asyncio.gather(*(sign(key) for _ in range(20)), return_exceptions=True)
    failed = [one for one in results if isinstance(one, SigningFailed)]
    assert len(failed) == 5
    assert len(verified) == 20
    await sign(key)
    assert len(verified) == 20


async def test_what_is_cancelled_proves_nothing(fresh, verified, monkeypatch):
    loop, begun, noted = asyncio.get_running_loop(), asyncio.Event(), signxml_verifier.verify

    def seen(*arguments, **options):
        loop.call_soon_threadsafe(begun.set)
        noted(*arguments, **options)

    monkeypatch.setattr(signxml_verifier, "verify", seen)
    task = asyncio.create_task(sign(fresh))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await sign(fresh)
    assert len(verified) == 2


async def test_the_event_loop_goes_on_meanwhile(fresh, monkeypatch):
    loop, verify = asyncio.get_running_loop(), signxml_verifier.verify

    def asks_the_loop(*arguments, **options):
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(timeout=10)
        verify(*arguments, **options)

    monkeypatch.setattr(signxml_verifier, "verify", asks_the_loop)
    await sign(fresh)
