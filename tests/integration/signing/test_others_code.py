"""Every form and algorithm that Herald writes, verified by libxmlsec1, by signxml and by Java's own implementation."""

import asyncio
import re
import shutil
from typing import NamedTuple

import pytest
import signxml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from lxml import etree

from tests.support.signing.attacks.corpus import CORPUS
from tests.support.signing.certificates import NOW, certificate_builder, key_usage, rsa_key
from tests.support.signing.java_verify import verdicts
from tests.support.signing.wsse import GATEWAY
from tests.support.signing.xmlsec_verify import verified, verified_body
from tests.support.systems.kz_shep.soap import SOAP, signed_by_xmlsec
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.port import Identity
from worker.signing.signxml_verifier import ENVELOPED, verify
from worker.signing.wsse.names import SOAP_12
from worker.signing.wsse.sign import sign_body
from worker.signing.xmldsig import sign_enveloped

MESSAGE = (
    '<m:message xmlns:m="https://www.his.bg" xmlns:x="urn:unused"><m:note value="&lt;Щ&#10;&quot;">'
    '\r\n<inner xmlns="urn:inner"><empty/></inner></m:note></m:message>'
)
ENVELOPE = (
    f'<S:Envelope xmlns:S="{SOAP}" xmlns="urn:outer" xmlns:t="urn:t"><S:Body><t:request kind="t:x">ТҰМАР'
    '<a xmlns=""/>&#13;</t:request></S:Body></S:Envelope>'
)
KEYS = {
    SignatureAlgorithm.RSA_SHA256: rsa_key("others"),
    SignatureAlgorithm.RSA_PSS_SHA256: rsa_key("others"),
    SignatureAlgorithm.ECDSA_P256_SHA256: ec.generate_private_key(ec.SECP256R1()),
    SignatureAlgorithm.ECDSA_P384_SHA384: ec.generate_private_key(ec.SECP384R1()),
}
FORMS = {
    "enveloped": lambda signer, taken: sign_enveloped(etree.fromstring(MESSAGE), signer, taken=taken),
    "soap": lambda signer, taken: sign_body(etree.fromstring(ENVELOPE), signer, taken=taken),
    "soap12": lambda signer, taken: sign_body(
        etree.fromstring(ENVELOPE.replace(SOAP, SOAP_12.namespace)), signer, taken=taken
    ),
}
WRITTEN = [f"{form}.{algorithm}" for form in FORMS for algorithm in SignatureAlgorithm]


class Signed(NamedTuple):
    document: bytes
    certificate: x509.Certificate


def signed(form, algorithm):
    algorithm = SignatureAlgorithm(algorithm)
    key = KEYS[algorithm]
    builder = certificate_builder("Doctor", key.public_key()).add_extension(
        key_usage(digital_signature=True), critical=True
    )
    certificate = builder.sign(key, SHA256())
    signer = checked(Pkcs12Key("doctor", key, certificate, algorithm=algorithm), clock=lambda: NOW)
    return Signed(asyncio.run(FORMS[form](signer, [algorithm])), certificate)


@pytest.fixture(scope="module")
def written():
    return {name: signed(*name.split(".", 1)) for name in WRITTEN}


@pytest.mark.parametrize("name", WRITTEN)
def test_libxmlsec1_accepts_it(name, written):
    accept = verified if name.startswith("enveloped") else verified_body
    accept(*written[name])


@pytest.mark.parametrize("name", [name for name in WRITTEN if not name.startswith("enveloped")])
def test_signxml_accepts_a_soap_message(name, written):
    document, certificate = written[name]
    root = etree.fromstring(document)
    result = signxml.XMLVerifier().verify(
        document,
        x509_cert=certificate,
        expect_config=signxml.SignatureConfiguration(
            location=f"./{root[0].tag}/{root[0][0].tag}/", expect_references=1
        ),
    )
    assert result.signed_xml.tag == root[1].tag


@pytest.mark.parametrize("algorithm", SignatureAlgorithm)
def test_signxml_accepts_an_enveloped_signature(algorithm, written):
    """By Herald's use of it: signxml 5.2 alone refuses a valid Signature without a prefix (docs/signing.md)."""
    document, certificate = written[f"enveloped.{algorithm}"]
    content = etree.tostring(etree.fromstring(MESSAGE), method="c14n")
    verify(document, ENVELOPED, Identity(certificate, (), algorithm), content=content)


# The first four are valid for libxmlsec1. The last two are so for Java too: it verifies a signature, and Herald also
# asks who is named in it and where it stands.
TO_JAVA = {
    "transforms: XSLT that returns a constant": "refused: .*REC-xslt-19991116 is forbidden when secure validation",
    "algorithms: RSA with SHA-1": "refused: .*forbidden to use algorithm .*rsa-sha1 when secure validation",
    "algorithms: digest by SHA-1, signed": "refused: .*forbidden to use algorithm .*sha1 when secure validation",
    "algorithms: digest by MD5, signed": "refused: unsupported DigestMethod algorithm: .*md5",
    "algorithms: HMAC cut to nothing": "refused: no parameters should be specified",
    "documents: internal entity with the signed text": "refused: DOCTYPE is disallowed",
    "wrapping: signed Body in the Header, its twin in its place": "refused: .*Multiple Elements with the same ID",
    "documents: an invisible character more": "invalid",
    "values: SignatureValue with one bit changed": "invalid",
    "references: Reference to a file": "invalid",
    "keys: RetrievalMethod to a server": "valid",
    "wrapping: Envelope of another namespace": "valid",
}


@pytest.fixture(scope="module")
def said(written, tmp_path_factory):
    if shutil.which("javac") is None:
        pytest.skip("no javac on the path: a JDK of Java 17 or newer is needed")
    genuine = signed_by_xmlsec(GATEWAY)
    attacks = {
        f"attack-{at}": (CORPUS[name].forge(genuine), GATEWAY.certificate) for at, name in enumerate(TO_JAVA)
    }
    by_xmlsec = {"by-xmlsec": (genuine, GATEWAY.certificate)}
    return verdicts(written | attacks | by_xmlsec, tmp_path_factory.mktemp("java"))


@pytest.mark.parametrize("name", WRITTEN)
def test_java_accepts_it(name, said):
    assert said[name].startswith("valid [" + ("]" if name.startswith("enveloped") else "#id-"))


@pytest.mark.parametrize("at", range(len(TO_JAVA)), ids=list(TO_JAVA))
def test_what_java_says_to_attacks(at, said):
    assert said["by-xmlsec"] == "valid [#body-1]"
    assert re.match(list(TO_JAVA.values())[at], said[f"attack-{at}"])
