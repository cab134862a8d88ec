"""Enveloped XML signatures in the profile that NHIS takes (sources: docs/signing.md).

Inclusive C14N 1.0, the signer's algorithm, SHA-256, one Reference with URI="" and the enveloped transform, the leaf
certificate in X509Data, the Signature as the root's last child in the default namespace.

Herald has a writer of its own, and does not sign with signxml, for two reasons. The signing port is asynchronous,
digests in and signatures out, so that a token or a remote service fits behind it; signxml calls a key object in the
middle of its own synchronous work. And the cost: signxml copies, serialises and parses the message again
(`python -m tests.bench.signing`). signxml verifies each signer's first document.

The way it works: what is sent *is* the canonical form that was digested, with the Signature put in before the
last end tag. Canonical XML is a fixed point of parsing and canonicalising, so a receiver who removes the
Signature comes back to the very bytes that were digested. SignedInfo is written in canonical form too; its
start tag alone differs, since inclusive C14N repeats there what is in scope from the root.
"""

from __future__ import annotations

import copy
import hashlib
from base64 import b64encode
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from worker.signing.first_signature import verify_first
from worker.signing.signxml_verifier import ENVELOPED
from worker.signing.taken import RSA_ALONE, identity_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from worker.signing.algorithms import SignatureAlgorithm
    from worker.signing.port import DigestSigner, Identity

DS = "http://www.w3.org/2000/09/xmldsig#"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xA;", "\r": "&#xD;"},
)
_REFERENCE = (
    '<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></CanonicalizationMethod>'
    '<SignatureMethod Algorithm="{method}"></SignatureMethod>'
    '<Reference URI=""><Transforms>'
    '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>'
    '</Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>'
    "<DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
)


async def sign_enveloped(
    root: etree._Element, signer: DigestSigner, *, taken: Collection[SignatureAlgorithm] = RSA_ALONE
) -> bytes:
    """Return the document to send: UTF-8 with a declaration, `root` in canonical form with its Signature.

    ``taken``: the algorithms that the receiver takes.

    `root` stays as it is. Comments, and processing instructions beside the root, are not sent. Raises
    SigningFailed (from the signer, or because its first document is not right), ValueError where `root` is inside
    another element, under a DTD, or declares a namespace name that libxml2 cannot write, and etree.C14NError where
    a namespace name is relative.
    """
    _require_plain_document(root)
    canonical = _canonical(root)
    identity = await identity_for(signer, taken)
    digest = _base64(hashlib.sha256(canonical).digest())
    info = _REFERENCE.format(method=identity.algorithm.uri, digest=digest)
    signed_info = f"<SignedInfo{_scope(root)}>{info}".encode()
    (signature,) = await signer.sign_digests([identity.algorithm.digest(signed_info)])
    end = canonical.rindex(b"</")
    document = _DECLARATION + canonical[:end] + _signature(info, signature, identity) + canonical[end:]
    await verify_first(document, ENVELOPED, signer, identity, content=canonical)
    return document


def _canonical(root: etree._Element) -> bytes:
    # A copy, because lxml (6.1) writes false xmlns="" into the canonical form of an element that has siblings
    # or was taken out of another: only an element alone in its document comes out right.
    alone = copy.deepcopy(root)
    return etree.tostring(alone, method="c14n", exclusive=False, with_comments=False)


def _require_plain_document(root: etree._Element) -> None:
    if root.getparent() is not None:
        raise ValueError("only a whole document can be signed, not an element inside another")
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a document with a DTD is not signed: the receiver would read it differently")
    if any("&" in uri for uri in root.nsmap.values()):
        raise ValueError(
            "a namespace name with & is not signed: libxml2 does not escape it in canonical form"
        )


def _scope(root: etree._Element) -> str:
    """Write what inclusive C14N puts on SignedInfo: namespaces in scope, then inherited xml: attributes."""
    return "".join(f' {name}="{value.translate(_ESCAPES)}"' for name, value in _in_scope(root))


def _in_scope(root: etree._Element) -> Iterator[tuple[str, str]]:
    yield "xmlns", DS
    for prefix, uri in sorted((prefix, uri) for prefix, uri in root.nsmap.items() if prefix is not None):
        yield f"xmlns:{prefix}", uri
    for name in sorted(name for name in map(str, root.attrib) if name.startswith(_XML)):
        yield f"xml:{name.removeprefix(_XML)}", str(root.attrib[name])


def _signature(info: str, signature: bytes, identity: Identity) -> bytes:
    certificate = _base64(identity.certificate.public_bytes(Encoding.DER))
    return (
        f'<Signature xmlns="{DS}"><SignedInfo>{info}<SignatureValue>{_base64(signature)}</SignatureValue>'
        f"<KeyInfo><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></Signature>"
    ).encode()


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
