"""Keys that an attacker chooses: by value, by reference, by another certificate, or beside the right one."""

import base64

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from tests.support.signing.attacks.attack import Attack, found, tampered
from tests.support.signing.wsse import GATEWAY, STRANGER
from tests.support.systems.kz_shep.soap import DS, signed_by_xmlsec

_NUMBERS = STRANGER.key.public_key().public_numbers()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _key_info(xml: str):
    """Put this in the place of what KeyInfo holds."""

    def change(root):
        info = found(root, "KeyInfo")
        info[:] = list(etree.fromstring(f'<x xmlns:ds="{DS}">{xml}</x>'))

    return tampered(change)


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


_RSA_VALUE = (
    f"<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>{_number(_NUMBERS.n)}</ds:Modulus>"
    f"<ds:Exponent>{_number(_NUMBERS.e)}</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"
)
_DSA_VALUE = (
    "<ds:KeyValue><ds:DSAKeyValue><ds:P>AQ==</ds:P><ds:Q>AQ==</ds:Q><ds:G>AQ==</ds:G><ds:Y>AQ==</ds:Y>"
    "</ds:DSAKeyValue></ds:KeyValue>"
)
_RETRIEVAL = '<ds:RetrievalMethod URI="{}" Type="http://www.w3.org/2000/09/xmldsig#X509Data"/>'
_SUBJECT = (
    f"<ds:X509Data><ds:X509SubjectName>{GATEWAY.certificate.subject.rfc4514_string()}"
    "</ds:X509SubjectName></ds:X509Data>"
)
_STRANGERS = (
    f"<ds:X509Data><ds:X509Certificate>{_base64(STRANGER.certificate.public_bytes(Encoding.DER))}"
    "</ds:X509Certificate></ds:X509Data>"
)
_NONE_NAMED = "KeyInfo names no certificate"
_FIRST = "InvalidInput|another certificate|DocumentInvalid"


def _by_the_stranger(document: bytes) -> bytes:
    """The stranger's whole signature, with the gateway's certificate and his own key by value."""
    told = etree.fromstring(signed_by_xmlsec(GATEWAY, key_info="certificate"))
    root = etree.fromstring(signed_by_xmlsec(STRANGER, key_info="certificate"))
    info = found(root, "KeyInfo")
    info[:] = [*etree.fromstring(f'<x xmlns:ds="{DS}">{_RSA_VALUE}</x>'), *found(told, "KeyInfo")]
    return etree.tostring(root)


ATTACKS = {
    "KeyValue alone": Attack(_key_info(_RSA_VALUE), _NONE_NAMED, _FIRST),
    "KeyValue of the signer beside a pinned certificate": Attack(
        _by_the_stranger, "does not belong to the pinned certificate"
    ),
    "DSA KeyValue": Attack(_key_info(_DSA_VALUE), _NONE_NAMED, _FIRST),
    "RetrievalMethod to a server": Attack(
        _key_info(_RETRIEVAL.format("http://127.0.0.1:9/key")), _NONE_NAMED, _FIRST
    ),
    "RetrievalMethod to itself": Attack(_key_info(_RETRIEVAL.format("#body-1")), _NONE_NAMED, _FIRST),
    "KeyName alone": Attack(_key_info("<ds:KeyName>SHEP</ds:KeyName>"), _NONE_NAMED, _FIRST),
    "the subject's name alone": Attack(_key_info(_SUBJECT), _NONE_NAMED, _FIRST),
    "a certificate that is not pinned": Attack(
        _key_info(_STRANGERS), "not one of the pinned certificates", _FIRST
    ),
    "an empty KeyInfo": Attack(_key_info(""), _NONE_NAMED, _FIRST),
    "no KeyInfo": Attack(
        tampered(lambda root: found(root, "Signature").remove(found(root, "KeyInfo"))),
        "Signature must hold: SignedInfo, SignatureValue, KeyInfo",
        _FIRST,
    ),
    "two KeyInfo": Attack(
        tampered(lambda root: found(root, "Signature").append(etree.Element(f"{{{DS}}}KeyInfo"))),
        "Signature must hold: SignedInfo, SignatureValue, KeyInfo",
        _FIRST,
    ),
}
