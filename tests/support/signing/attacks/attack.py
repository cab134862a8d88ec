"""How an attack on a signed document is written down: what it does, and the reason that refuses it.

The documents are signed by the gateway of `tests.support.signing.wsse`, whose key may sign them again after the change
(`signed_again`): then nothing but the rules of a verifier refuses them, since any verifier without rules accepts them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree

from tests.support.signing.wsse import GATEWAY, changed, resigned
from tests.support.systems.kz_shep.soap import DS, NAMESPACES

Change = Callable[[etree._Element], None]


class Attack(NamedTuple):
    """``forge`` makes the attack of a signed document; the others are regular expressions for the reasons."""

    forge: Callable[[bytes], bytes]
    reason: str
    """Of the verifier of answers."""
    first: str = ""
    """Of the verification of our own first signatures; empty where the attack is none on what we have just written."""
    enveloped: bool = True
    """Whether the attack can be made of an enveloped signature too."""


def tampered(change: Change) -> Callable[[bytes], bytes]:
    """Change the tree and leave the signature as it is."""
    return lambda document: changed(document, change)


def signed_again(change: Change) -> Callable[[bytes], bytes]:
    """Change the tree, and let libxmlsec1 sign with the right key: libxmlsec1 then accepts it."""

    def forge(document: bytes) -> bytes:
        signed = resigned(document, change)
        root = etree.fromstring(signed)
        xmlsec.tree.add_ids(root, ["Id"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(GATEWAY.pem(), xmlsec.constants.KeyDataFormatCertPem)
        context.verify(root.find(".//ds:Signature", NAMESPACES))
        return signed

    return forge


def signed_with_hmac(*, bits: int | None = None) -> Callable[[bytes], bytes]:
    """Sign by HMAC with the public key as the secret, as if it were one; ``bits``: the HMACOutputLength."""

    def forge(document: bytes) -> bytes:
        root = etree.fromstring(document)
        method = found(root, "SignatureMethod")
        method.set("Algorithm", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")
        if bits is not None:
            etree.SubElement(method, f"{{{DS}}}HMACOutputLength").text = str(bits)
        public = GATEWAY.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        xmlsec.tree.add_ids(root, ["Id"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, public)
        context.sign(root.find(".//ds:Signature", NAMESPACES))
        return etree.tostring(root)

    return forge


def found(root: etree._Element, name: str) -> etree._Element:
    """Return the first element of this name in the namespace of XML signatures."""
    (element, *_) = root.iter(f"{{{DS}}}{name}")
    return element


def algorithm(name: str, uri: str) -> Change:
    """Name another algorithm at the element."""
    return lambda root: found(root, name).set("Algorithm", uri)


def inserted(parent: str, xml: str, at: int = 0) -> Change:
    """Insert XML, in which ds is the namespace of signatures, as a child of the element."""
    text = f'<x xmlns:ds="{DS}">{xml}</x>'
    return lambda root: found(root, parent).insert(at, etree.fromstring(text)[0])
