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
from functools import lru_cache
from typing import TYPE_CHECKING

from lxml import etree

from worker.signing.first_signature import verify_first
from worker.signing.signxml_verifier import ENVELOPED
from worker.signing.taken import RSA_ALONE, identity_for
from worker.xml.shapes import escaped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from worker.signing.algorithms import SignatureAlgorithm
    from worker.signing.port import DigestSigner

DS = "http://www.w3.org/2000/09/xmldsig#"
_XML = "{http://www.w3.org/XML/1998/namespace}"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_REFERENCE = (
    b'<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></CanonicalizationMethod>'
    b'<SignatureMethod Algorithm="%b"></SignatureMethod>'
    b'<Reference URI=""><Transforms>'
    b'<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>'
    b'</Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>'
    b"<DigestValue>%b</DigestValue></Reference></SignedInfo>"
)
_SIGNATURE = (
    b'<Signature xmlns="%b"><SignedInfo>%%b<SignatureValue>%%b</SignatureValue>'
    b"<KeyInfo><X509Data><X509Certificate>%%b</X509Certificate></X509Data></KeyInfo></Signature>"
) % DS.encode()


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
    return await _signed(_canonical(root), _scope(root), signer, taken)


async def sign_canonical(
    canonical: bytes,
    namespaces: Mapping[str, str],
    signer: DigestSigner,
    *,
    taken: Collection[SignatureAlgorithm] = RSA_ALONE,
) -> bytes:
    """Return the document to send, of one that is in canonical form already and has no Signature.

    ``namespaces``: what its root declares, by prefix; it has no default namespace, and no attribute xml:…. The
    caller has read it: nothing here sees whether it is canonical, except in a signer's first document. Raises
    SigningFailed as `sign_enveloped` does, and ValueError for a namespace name that libxml2 cannot write.
    """
    return await _signed(canonical, _scope_of(tuple(namespaces.items())), signer, taken)


async def _signed(
    canonical: bytes, scope: str, signer: DigestSigner, taken: Collection[SignatureAlgorithm]
) -> bytes:
    identity = await identity_for(signer, taken)
    algorithm = identity.algorithm
    info = _REFERENCE % (algorithm.uri.encode(), b64encode(hashlib.sha256(canonical).digest()))
    (signature,) = await signer.sign_digests([algorithm.digest(f"<SignedInfo{scope}>".encode() + info)])
    signed = _SIGNATURE % (info, b64encode(signature), identity.certificate_text.encode())
    end = canonical.rindex(b"</")
    document = b"".join((DECLARATION, canonical[:end], signed, canonical[end:]))
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
    _require_writable(root.nsmap.values())


def _require_writable(namespaces: Iterable[str]) -> None:
    if any("&" in uri for uri in namespaces):
        raise ValueError(
            "a namespace name with & is not signed: libxml2 does not escape it in canonical form"
        )


def _scope(root: etree._Element) -> str:
    """Write what inclusive C14N puts on SignedInfo: namespaces in scope, then inherited xml: attributes."""
    declared = tuple((prefix, uri) for prefix, uri in root.nsmap.items() if prefix is not None)
    inherited = sorted(name for name in map(str, root.attrib) if name.startswith(_XML))
    return _scope_of(declared) + "".join(
        f' xml:{name.removeprefix(_XML)}="{escaped(str(root.attrib[name]))}"' for name in inherited
    )


@lru_cache(maxsize=256)
def _scope_of(declared: tuple[tuple[str, str], ...]) -> str:
    """Write the namespaces in scope; SignedInfo's own is the default one. Raises ValueError."""
    _require_writable(uri for _, uri in declared)
    others = "".join(f' xmlns:{prefix}="{escaped(uri)}"' for prefix, uri in sorted(declared))
    return f' xmlns="{DS}"{others}'
