"""Each algorithm in both forms, verified by libxmlsec1 and signxml; and what a system does not take is not signed."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from tests.support.signing.certificates import NOW, certificate_builder, rsa_key
from tests.support.signing.signers import Signer
from tests.support.signing.xmlsec_verify import verified, verified_body
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.port import SigningFailed
from worker.signing.taken import RSA_ALONE, NotTaken
from worker.signing.wsse.names import SOAP
from worker.signing.wsse.sign import WsseSigner, sign_body
from worker.signing.xmldsig import sign_enveloped

MESSAGE = '<m xmlns="urn:m" xmlns:x="urn:x"><x:a b="1">Щ</x:a></m>'
ENVELOPE = f'<S:Envelope xmlns:S="{SOAP}"><S:Body><m xmlns="urn:m">Щ</m></S:Body></S:Envelope>'
KEYS = {
    SignatureAlgorithm.RSA_SHA256: rsa_key("taken"),
    SignatureAlgorithm.RSA_PSS_SHA256: rsa_key("taken"),
    SignatureAlgorithm.ECDSA_P256_SHA256: ec.generate_private_key(ec.SECP256R1()),
    SignatureAlgorithm.ECDSA_P384_SHA384: ec.generate_private_key(ec.SECP384R1()),
}
ALL = pytest.mark.parametrize("algorithm", SignatureAlgorithm)


def signer(algorithm):
    key = KEYS[algorithm]
    certificate = certificate_builder("Doctor", key.public_key()).sign(key, SHA256())
    return checked(Pkcs12Key("doctor", key, certificate, algorithm=algorithm), clock=lambda: NOW)


@ALL
async def test_an_enveloped_signature_is_accepted_by_others(algorithm):
    """By signxml too, which verifies the first document of each signer before it leaves."""
    one = signer(algorithm)
    document = await sign_enveloped(etree.fromstring(MESSAGE), one, taken=[algorithm])
    root = verified(document, one.known.certificate)
    assert root.find(".//{*}SignatureMethod").get("Algorithm") == algorithm.uri
    assert root.find(".//{*}DigestMethod").get("Algorithm") == "http://www.w3.org/2001/04/xmlenc#sha256"


@ALL
async def test_a_signature_over_a_soap_body_is_accepted_by_others(algorithm):
    one = signer(algorithm)
    document = await sign_body(etree.fromstring(ENVELOPE), one, taken=[algorithm])
    body = verified_body(document, one.known.certificate)
    method = body.getroottree().find(".//{*}SignatureMethod")
    assert method.get("Algorithm") == algorithm.uri


@ALL
async def test_what_is_not_taken_is_never_asked_to_sign(algorithm):
    asked = []

    async def sign(digests):
        asked.append(digests)
        return []

    others = [one for one in SignatureAlgorithm if one is not algorithm]
    one = Signer(signer(algorithm), sign)
    envelope = etree.fromstring(ENVELOPE)
    for attempt in (
        sign_enveloped(etree.fromstring(MESSAGE), one, taken=others),
        sign_body(envelope, one, taken=others),
        WsseSigner(one, taken=others).sign_document(ENVELOPE.encode()),
    ):
        with pytest.raises(
            SigningFailed, match=f"it signs with {algorithm}, and this system is set to take only"
        ):
            await attempt
    assert asked == []


def test_rsa_with_sha_256_alone_is_taken_by_default():
    assert RSA_ALONE == (SignatureAlgorithm.RSA_SHA256,)


def test_those_that_may_not_sign_are_named_as_far_as_they_are_known():
    unknown = Signer(signer(SignatureAlgorithm.ECDSA_P256_SHA256), None)
    unknown.known = None
    signers = {one.value: signer(one) for one in SignatureAlgorithm} | {"unknown": unknown}
    found = NotTaken(signers, RSA_ALONE)
    assert sorted(found) == ["ecdsa-p256-sha256", "ecdsa-p384-sha384", "rsa-pss-sha256"]
    assert len(found) == 3
    assert found["rsa-pss-sha256"] == (
        "it signs with rsa-pss-sha256, and this system is set to take only rsa-sha256: see the setting "
        "signature_algorithms"
    )
    assert found.get("unknown") is None
    assert found.get("nobody") is None


@ALL
async def test_a_certificate_stands_whole_in_the_document(algorithm):
    one = signer(algorithm)
    document = await sign_enveloped(etree.fromstring(MESSAGE), one, taken=[algorithm])
    told = etree.fromstring(document).findtext(".//{*}X509Certificate")
    pem = one.known.certificate.public_bytes(Encoding.PEM).decode()
    assert told == "".join(pem.splitlines()[1:-1])
