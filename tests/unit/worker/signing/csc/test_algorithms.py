from base64 import b64decode

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.signing.certificates import NOW, YEAR, rsa_key
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.csc.algorithms import hash_oid, sign_oid, sign_parameters

RSA_SHA256, RSA, PSS_OID = "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"
ECDSA_256, ECDSA_384 = "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3"


@pytest.mark.parametrize(
    ("algorithm", "offered", "chosen"),
    [
        (SignatureAlgorithm.RSA_SHA256, [RSA, RSA_SHA256], RSA_SHA256),
        (SignatureAlgorithm.RSA_SHA256, [RSA], RSA),
        (SignatureAlgorithm.RSA_SHA256, [PSS_OID, ECDSA_256], None),
        (SignatureAlgorithm.RSA_SHA256, [], RSA_SHA256),
        (SignatureAlgorithm.RSA_PSS_SHA256, [RSA, PSS_OID], PSS_OID),
        (SignatureAlgorithm.ECDSA_P256_SHA256, [ECDSA_256], ECDSA_256),
        (SignatureAlgorithm.ECDSA_P384_SHA384, [ECDSA_256], None),
        (SignatureAlgorithm.ECDSA_P384_SHA384, [ECDSA_384], ECDSA_384),
    ],
)
def test_the_identifier_is_one_that_the_credential_offers(algorithm, offered, chosen):
    assert sign_oid(algorithm, offered) == chosen


def test_the_hashes():
    assert hash_oid(SignatureAlgorithm.RSA_SHA256) == "2.16.840.1.101.3.4.2.1"
    assert hash_oid(SignatureAlgorithm.ECDSA_P384_SHA384) == "2.16.840.1.101.3.4.2.2"


def test_the_parameters_of_pss_are_those_that_openssl_writes():
    """The same padding in a certificate's signature has the same parameters beside its identifier."""
    name = x509.Name([])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(rsa_key("pss").public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + YEAR)
        .sign(rsa_key("pss"), SHA256(), rsa_padding=PSS(MGF1(SHA256()), SHA256.digest_size))
    )
    parameters = b64decode(sign_parameters(SignatureAlgorithm.RSA_PSS_SHA256))
    written = asn1.encode_der(x509.ObjectIdentifier(PSS_OID)) + parameters
    assert written in certificate.public_bytes(Encoding.DER)
    assert sign_parameters(SignatureAlgorithm.RSA_SHA256) is None
