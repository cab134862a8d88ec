"""Files that are given as PKCS#12 and are none: each is named, with what to do; the others are not guessed."""

from __future__ import annotations

from base64 import b64encode, encodebytes

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from tests.support.signing.certificates import issue
from worker.signing.keys.file_forms import other_form

PASSWORD = "open-sesame-73"
DOCTOR = issue("Doctor")
CONTAINER = DOCTOR.pkcs12(PASSWORD)
DER = DOCTOR.certificate.public_bytes(Encoding.DER)
PEM, KEY = DOCTOR.pem(), DOCTOR.key_pem()
ATTRIBUTES = b"Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n"
EXPORT = "export the certificate together with its private key, as PKCS#12"
CONVERT = "it is PEM text; convert it with `openssl pkcs12 -export -in FILE -out FILE.p12`"
JAVA = "; convert it with `keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12`"
FORMS = {
    "nothing": (b"", "it is empty"),
    "a line break": (b"\r\n", "it is empty"),
    "PEM, key and certificate": (KEY + PEM, CONVERT),
    "PEM, certificate and key": (PEM + KEY, CONVERT),
    "PEM, an RSA key": (b"-----BEGIN RSA PRIVATE KEY-----\n", CONVERT),
    "PEM with attributes": (ATTRIBUTES + KEY, CONVERT),
    "PEM with a byte order mark": (b"\xef\xbb\xbf" + KEY, CONVERT),
    "PEM, a certificate": (PEM, f"it is PEM text without a private key; {EXPORT}"),
    "DER, a certificate": (DER, f"it is a certificate without a private key; {EXPORT}"),
    "PKCS#7": (
        pkcs7.serialize_certificates([DOCTOR.certificate], Encoding.DER),
        f"it is a PKCS#7 file, which holds certificates and no private key; {EXPORT}",
    ),
    "JKS": (b"\xfe\xed\xfe\xed\0\0\0\2", f"it is a Java key store (JKS){JAVA}"),
    "JCEKS": (b"\xce\xce\xce\xce\0\0\0\2", f"it is a Java key store (JCEKS){JAVA}"),
    "HTML": (
        b"\n<!DOCTYPE html>\n<html>",
        "it is an HTML page, as a failed download leaves; get the file again",
    ),
    "HTML without a type": (
        b"<HTML lang=bg>",
        "it is an HTML page, as a failed download leaves; get the file again",
    ),
    "base64": (b64encode(CONTAINER), "it is base64 text; decode it with `base64 --decode`"),
    "base64 in lines": (encodebytes(CONTAINER), "it is base64 text; decode it with `base64 --decode`"),
}


@pytest.mark.parametrize(("data", "told"), FORMS.values(), ids=FORMS)
def test_a_known_form_is_named_with_what_to_do(data, told):
    assert other_form(data) == told


OTHERS = {
    "PKCS#12": CONTAINER,
    "PKCS#12, cut short": CONTAINER[:100],
    "DER, one octet": b"\x30",
    "DER, two octets": b"\x30\x82",
    "text": b"text",
    "XML": b"<?xml version='1.0'?>",
    "a tag that begins as HTML's": b"<htmlx>",
    "base64 of zeros": b"AAAA",
    "base64 that begins as DER's": b"MIIAA",
    "zeros": b"\0" * 8,
}


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS)
def test_nothing_is_said_of_others(data):
    assert other_form(data) is None
