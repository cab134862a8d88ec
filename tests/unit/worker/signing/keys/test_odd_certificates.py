"""Certificates as they are found: each signs, or is refused by a sentence that names its file. None raises anything."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID
from lxml import etree

from tests.support.signing.certificates import NOW, YEAR, Issued, key_usage, rsa_key
from tests.support.signing.der import altered, pkcs12_file
from worker.configuration_error import ConfigurationError
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import load_pkcs12
from worker.signing.settings import Pkcs12Signer
from worker.signing.xmldsig import sign_enveloped
from worker.transport.tls import client_context

CASES = Path(__file__).parent / "cases"
PASSWORD = "secret"
OTHER = x509.ObjectIdentifier("2.5.29.99")
SIGNS = key_usage(digital_signature=True)
CYRILLIC = "Д-р Иванова".encode("cp1251")


def issued(*extensions: tuple[x509.ObjectIdentifier, bytes], name: str = "Odd", usage=None, end=NOW + YEAR):
    """A certificate with extensions of any content."""
    key = rsa_key("odd")
    subject = x509.Name([x509.NameAttribute(NameOID.SURNAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(73)
        .not_valid_before(NOW - YEAR)
        .not_valid_after(end)
    )
    if usage:
        builder = builder.add_extension(usage, critical=True)
    for oid, content in extensions:
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, content), critical=False)
    return Issued(builder.sign(key, SHA256()), key)


def der(*extensions, **options) -> bytes:
    return issued(*extensions, **options).certificate.public_bytes(Encoding.DER)


def renamed(tag: int, text: bytes) -> bytes:
    """A certificate whose subject is a string of this type with these bytes, whatever they are."""
    placeholder = b"x" * len(text)
    one = issued(name=placeholder.decode(), usage=SIGNS)
    return altered(one, b"\x0c" + bytes([len(text)]) + placeholder, bytes([tag, len(text)]) + text)


KEY_USAGE = ExtensionOID.KEY_USAGE
POLICIES = ExtensionOID.CERTIFICATE_POLICIES
OID_OTHER, OID_KEY_USAGE, OID_POLICIES = b"\x55\x1d\x63", b"\x55\x1d\x0f", b"\x55\x1d\x20"
USED = {
    "T61String in windows-1251": renamed(0x14, CYRILLIC),
    "an empty subject": renamed(0x0C, b""),
    "malformed policies": der((POLICIES, b"\x30\x03\x02\x01"), usage=SIGNS),
    "malformed policies beside a nonRepudiation alone": der(
        (POLICIES, b"\x04\x00"), usage=key_usage(content_commitment=True)
    ),
    "malformed policies and no KeyUsage": der((POLICIES, b"\x04\x00")),
    "a name of a kind that is unknown": der(
        (ExtensionOID.SUBJECT_ALTERNATIVE_NAME, bytes.fromhex("3003a3010c")), usage=SIGNS
    ),
    "policies twice": altered(
        issued((POLICIES, bytes.fromhex("3000")), (OTHER, bytes.fromhex("3000")), usage=SIGNS),
        OID_OTHER,
        OID_POLICIES,
    ),
    "an unknown extension": der((OTHER, b"junk"), usage=SIGNS),
}
MALFORMED_USAGE = "the certificate's KeyUsage is malformed"
INSIDE = "a certificate in it is malformed"
REFUSED = {
    "a subject of no string type": (renamed(0x05, b"xx"), INSIDE),
    "BMPString of an odd number of bytes": (renamed(0x1E, CYRILLIC), INSIDE),
    "PrintableString in Cyrillic": (renamed(0x13, CYRILLIC), INSIDE),
    "UTF8String that is not UTF-8": (renamed(0x0C, CYRILLIC), INSIDE),
    "KeyUsage is no BIT STRING": (der((KEY_USAGE, b"\x04\x02\x05\xa0")), MALFORMED_USAGE),
    "KeyUsage is empty": (der((KEY_USAGE, b"")), MALFORMED_USAGE),
    "KeyUsage twice": (
        altered(issued((OTHER, bytes.fromhex("030205a0")), usage=SIGNS), OID_OTHER, OID_KEY_USAGE),
        MALFORMED_USAGE,
    ),
    "KeyUsage for encryption beside malformed policies": (
        der((POLICIES, b"\x04\x00"), usage=key_usage()),
        "KeyUsage allows neither digitalSignature nor nonRepudiation",
    ),
    "KeyUsage without any bit": (
        der((KEY_USAGE, bytes.fromhex("030100")), (POLICIES, b"\x04\x00")),
        "KeyUsage allows neither digitalSignature nor nonRepudiation",
    ),
    "an unknown version": (
        altered(issued(usage=SIGNS), b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x07"),
        INSIDE,
    ),
    "no date": (altered(issued(end=NOW.replace(year=2060)), b"2060", b"20x0"), INSIDE),
    "the year 0": (
        altered(issued(end=NOW.replace(year=2060)), b"2060", b"0000"),
        "the certificate's validity cannot be read",
    ),
    "no certificate at all": (b"\x30\x03\x02\x01\x05", INSIDE),
}


@pytest.fixture
def load(tmp_path):
    def load_file(content: bytes):
        (tmp_path / "odd.p12").write_bytes(content)
        return load_pkcs12(
            "odd", Pkcs12Signer(file=tmp_path / "odd.p12", password=PASSWORD), clock=lambda: NOW
        )

    return load_file


async def assert_usable(key):
    """It signs, the first signature verifies before it leaves, and TLS takes it."""
    key = checked(key, clock=lambda: NOW)
    assert await key.sign_digests([sha256(b"bytes").digest()])
    assert await sign_enveloped(etree.fromstring("<message/>"), key)
    client_context(None, key.tls_identity())


@pytest.mark.parametrize("kind", USED)
async def test_oddities_that_concern_nothing_sign(load, kind):
    await assert_usable(load(pkcs12_file([rsa_key("odd")], [USED[kind]], PASSWORD)))


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_sign_is_a_sentence_with_the_files_name(load, tmp_path, kind):
    certificate, sentence = REFUSED[kind]
    with pytest.raises(ConfigurationError) as caught:
        load(pkcs12_file([rsa_key("odd")], [certificate], PASSWORD))
    (problem,) = caught.value.problems
    assert f"{tmp_path}/odd.p12" in problem
    assert sentence in problem


async def test_one_that_tls_alone_refuses_signs(load):
    odd = der((ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"junk"), usage=SIGNS)
    key = load(pkcs12_file([rsa_key("odd")], [odd], PASSWORD))
    assert await sign_enveloped(etree.fromstring("<message/>"), key)
    with pytest.raises(ConfigurationError, match="TLS does not take its certificates or its key"):
        client_context(None, key.tls_identity())


def case(name: str):
    return load_pkcs12("case", Pkcs12Signer(file=CASES / name, password=PASSWORD), clock=lambda: NOW)


async def test_a_subject_in_windows_1251_from_the_field():
    await assert_usable(case("subject-cp1251.p12"))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("key-usage-malformed.p12", "KeyUsage is malformed"),
        ("key-rsa-pss.p12", "restricted to RSA-PSS, but Herald's signatures are PKCS#1 v1.5"),
    ],
)
def test_unusable_ones_from_the_field(name, sentence):
    with pytest.raises(ConfigurationError, match=sentence) as caught:
        case(name)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{CASES / name}: ")
