"""Signers with GOST 2015 keys, for tests alone: it signs by arithmetic that lets others measure the key."""

from __future__ import annotations

import secrets
from base64 import b64encode
from dataclasses import dataclass
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from tests.support.signing.certificates import issue
from tests.support.systems.kz_shep.soap import DS, SOAP, WSSE, WSU, X509_V3
from worker.signing.gost.gost2015 import CURVE_512_A, Curve, sum_of_multiples
from worker.signing.gost.streebog import streebog512

_NCA = "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
METHOD = f"{_NCA}gostr34102015-gostr34112015-512"
DIGEST = f"{_NCA}gostr34112015-512"
# AlgorithmIdentifier of NCA's certificates: 1.2.398.3.10.1.1.2.2 with curve ...2.2.1 and hash 1.2.398.3.10.1.3.3.
_ALGORITHM = bytes.fromhex("302306092a830e030a010102023016060a2a830e030a010102020106082a830e030a010303")


@dataclass(frozen=True)
class GostIssued:
    certificate: x509.Certificate
    private: int
    public: bytes

    def sign(self, data: bytes) -> bytes:
        r, s = signature(CURVE_512_A, self.private, int.from_bytes(streebog512(data), "little"))
        return pair(r, s)


def signature(curve: Curve, private: int, digest: int, nonce: int | None = None) -> tuple[int, int]:
    """GOST R 34.10-2012, 6.1."""
    k = nonce or 1 + secrets.randbelow(curve.q - 1)
    x, _ = sum_of_multiples(curve, k, curve.base, 0, curve.base)
    r = x % curve.q
    return r, (r * private + k * (digest % curve.q or 1)) % curve.q


def pair(one: int, other: int) -> bytes:
    return one.to_bytes(64, "little") + other.to_bytes(64, "little")


@cache
def gost_signer(name: str, algorithm: bytes = _ALGORITHM) -> GostIssued:
    """One key a name. The certificate is as tests' others, but for its public key and a void signature."""
    private = 1 + secrets.randbelow(CURVE_512_A.q - 1)
    public = pair(*sum_of_multiples(CURVE_512_A, private, CURVE_512_A.base, 0, CURVE_512_A.base))
    return GostIssued(_with_key(issue(name).certificate, public, algorithm), private, public)


def _with_key(certificate: x509.Certificate, public: bytes, algorithm: bytes) -> x509.Certificate:
    old = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    new = _der(0x30, algorithm + _der(0x03, b"\0" + _der(0x04, public)))
    # 4: the header of a sequence of more than 255 bytes.
    content = certificate.tbs_certificate_bytes[4:].replace(old, new)
    rsa_sha256 = bytes.fromhex("300d06092a864886f70d01010b0500")
    return x509.load_der_x509_certificate(
        _der(0x30, _der(0x30, content) + rsa_sha256 + _der(0x03, bytes(257)))
    )


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def signed_by_gost(signer: GostIssued, text: str) -> bytes:
    """Sign the Body as SHEP does."""
    root = etree.fromstring(text.encode())
    body = root.find(f"{{{SOAP}}}Body")
    body.set(f"{{{WSU}}}Id", "body-1")
    digest = b64encode(streebog512(_canonical(body))).decode()
    certificate = b64encode(signer.certificate.public_bytes(Encoding.DER)).decode()
    security = f"""<w:Security xmlns:w="{WSSE}"><ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/><ds:SignatureMethod Algorithm="{METHOD}"/>
<ds:Reference URI="#body-1"><ds:Transforms><ds:Transform Algorithm="{EXCLUSIVE}"/></ds:Transforms>
<ds:DigestMethod Algorithm="{DIGEST}"/><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>
<ds:SignatureValue/><ds:KeyInfo><w:SecurityTokenReference><w:KeyIdentifier ValueType="{X509_V3}">{certificate}
</w:KeyIdentifier></w:SecurityTokenReference></ds:KeyInfo></ds:Signature></w:Security>"""
    root.find(f"{{{SOAP}}}Header").append(etree.fromstring(security))
    signature = signer.sign(_canonical(root.find(f".//{{{DS}}}SignedInfo")))
    root.find(f".//{{{DS}}}SignatureValue").text = b64encode(signature).decode()
    return etree.tostring(root)


def _canonical(element) -> bytes:
    return etree.tostring(
        etree.fromstring(etree.tostring(element, with_tail=False)), method="c14n", exclusive=True
    )
