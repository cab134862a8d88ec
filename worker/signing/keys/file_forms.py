"""What a file is that was given as a PKCS#12 file and is none, told by its bytes. Pure."""

from __future__ import annotations

import re
from base64 import b64decode

from cryptography import x509

_SEQUENCE = b"\x30"
"""The first byte of every PKCS#12 file, and of certificates in DER."""
_SEARCHED = 64 * 1024
"""Bytes in which the first PEM block must begin: OpenSSL writes the attributes of a key before it."""
_MARK_AND_SPACE = b"\xef\xbb\xbf \t\r\n"
_PEM = re.compile(rb"^-----BEGIN ([A-Z0-9 ]+)-----", re.MULTILINE)
_HTML = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/\s]+={0,2}\s*")
_PKCS7 = re.compile(
    rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", re.DOTALL
)
"""A SEQUENCE that begins with the type signed-data; a PKCS#12 file begins with its version."""
_KEY_STORES = {b"\xfe\xed\xfe\xed": "JKS", b"\xce\xce\xce\xce": "JCEKS"}
_WITH_ITS_KEY = "export the certificate together with its private key, as PKCS#12"


def other_form(data: bytes) -> str | None:
    """Return what the file is, and what to do; None for a PKCS#12 file and for bytes of no known form.

    The text completes a sentence about the file and quotes nothing of its content.
    """
    if not data.strip():
        return "it is empty"
    if kind := _KEY_STORES.get(data[:4]):
        return (
            f"it is a Java key store ({kind}); convert it with"
            " `keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12`"
        )
    return _form_of_der(data) if data.startswith(_SEQUENCE) else _form_of_text(data)


def _form_of_der(data: bytes) -> str | None:
    if _PKCS7.match(data):
        return f"it is a PKCS#7 file, which holds certificates and no private key; {_WITH_ITS_KEY}"
    try:
        x509.load_der_x509_certificate(data)
    except Exception:  # noqa: BLE001 - the parser may raise anything
        return None
    return f"it is a certificate without a private key; {_WITH_ITS_KEY}"


def _form_of_text(data: bytes) -> str | None:
    text = data.lstrip(_MARK_AND_SPACE)
    if labels := _PEM.findall(text[:_SEARCHED]):
        return _form_of_pem(labels)
    if _HTML.match(text):
        return "it is an HTML page, as a failed download leaves; get the file again"
    if _is_base64_of_der(text):
        return "it is base64 text; decode it with `base64 --decode`"
    return None


def _form_of_pem(labels: list[bytes]) -> str:
    if any(label.endswith(b"PRIVATE KEY") for label in labels):
        return "it is PEM text; convert it with `openssl pkcs12 -export -in FILE -out FILE.p12`"
    return f"it is PEM text without a private key; {_WITH_ITS_KEY}"


def _is_base64_of_der(text: bytes) -> bool:
    if not _BASE64.fullmatch(text):
        return False
    try:
        return b64decode(text).startswith(_SEQUENCE)
    except ValueError:
        return False
