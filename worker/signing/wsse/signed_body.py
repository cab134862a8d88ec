"""The one Body of a SOAP message and the one signature over it, found where they must stand and nowhere else.

Nearly all attacks on XML signatures let the verifier check one element and the application read another. So a single
shape is accepted: one Body, one signature, one Reference, which names the Body by an id that nothing else has.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error

from lxml import etree

from contracts.immutable import immutable
from worker.signing.wsse.names import (
    DS,
    EXCLUSIVE_C14N,
    INCLUSIVE_NAMESPACES,
    KEY_INFO,
    SECURITY,
    SIGNATURE,
    SIGNATURE_VALUE,
    SIGNED_INFO,
    WSU_ID,
    soap_of,
)

_COUNT = etree.XPath("count(//*[local-name() = $name and namespace-uri() = $uri])")
_MAX_ATTRIBUTE = 256
# Ids of every kind, so that no receiver finds another element by this one.
_COUNT_ID = etree.XPath("count(//@*[translate(local-name(), 'ID', 'id') = 'id' and . = $id])")


class BadSignature(Exception):
    """A message is not signed as it must be; the error's text is a plain sentence without any of the content."""


@immutable
class SignedBody:
    """What the signature says. ``*_prefixes``: those of InclusiveNamespaces, for the canonical form of each."""

    body: etree._Element
    body_prefixes: list[str]
    digest_method: str
    digest: bytes
    info: etree._Element
    info_prefixes: list[str]
    signature_method: str
    signature: bytes
    key_info: etree._Element


def signed_body(envelope: etree._Element) -> SignedBody:
    """Return the Body and its signature. Raises BadSignature for any other shape."""
    body = _only_body(envelope)
    info, value, key_info = _children(_only_signature(envelope), SIGNED_INFO, SIGNATURE_VALUE, KEY_INFO)
    canonicalisation, method, reference = _children(
        info, *_ds("CanonicalizationMethod SignatureMethod Reference")
    )
    transforms, digest_method, digest = _children(reference, *_ds("Transforms DigestMethod DigestValue"))
    transform = _only_transform(transforms)
    _children(method)
    _children(digest_method)
    _require_reference_to(body, reference.get("URI", ""))
    return SignedBody(
        body=body,
        body_prefixes=_inclusive_prefixes(transform),
        digest_method=digest_method.get("Algorithm", ""),
        digest=_decoded(digest),
        info=info,
        info_prefixes=_inclusive_prefixes(canonicalisation),
        signature_method=method.get("Algorithm", ""),
        signature=_decoded(value),
        key_info=key_info,
    )


def _only_body(envelope: etree._Element) -> etree._Element:
    soap = soap_of(envelope.tag)
    if soap is None:
        raise BadSignature("The document is not a SOAP envelope.")
    if next(envelope.iter(etree.Comment, etree.ProcessingInstruction), None) is not None:
        # The signature does not cover comments, and many readers take only an element's text before one; SOAP forbids
        # processing instructions.
        raise BadSignature("The envelope holds a comment or a processing instruction.")
    for tag in (soap.envelope, soap.header, soap.body):
        name = etree.QName(tag)
        if _COUNT(envelope, name=name.localname, uri=name.namespace) != 1:
            raise BadSignature(f"The document does not have exactly one {name.localname}, as it must.")
    if [child.tag for child in envelope] != [soap.header, soap.body]:
        raise BadSignature("The envelope must hold its Header and then its Body, and nothing else.")
    return envelope[1]


def _only_signature(envelope: etree._Element) -> etree._Element:
    securities = envelope[0].findall(SECURITY)
    if len(securities) != 1:
        raise BadSignature(
            "The Header does not have exactly one wsse:Security: the message is unsigned, or has an unusual signature."
        )
    signatures = securities[0].findall(SIGNATURE)
    if len(signatures) != 1:
        raise BadSignature("The wsse:Security does not have exactly one ds:Signature.")
    if sum(1 for _ in envelope[0].iter(SIGNATURE)) != 1:
        raise BadSignature("The Header holds another ds:Signature beside that of wsse:Security.")
    return signatures[0]


def _require_reference_to(body: etree._Element, uri: str) -> None:
    body_id = body.get(WSU_ID) or body.get("Id")
    if not body_id or uri != f"#{body_id}":
        raise BadSignature("The signature does not refer to the Body.")
    if len(body_id) > _MAX_ATTRIBUTE:
        raise BadSignature("The Body's id is too long.")
    if _COUNT_ID(body, id=body_id) != 1:
        raise BadSignature("Another element has the Body's id too.")


def _ds(names: str) -> list[str]:
    return [f"{{{DS}}}{name}" for name in names.split()]


def _children(parent: etree._Element, *tags: str) -> list[etree._Element]:
    """Return the child elements, which must be these."""
    children = list(parent)
    if [child.tag for child in children] != list(tags):
        wanted = ", ".join(etree.QName(tag).localname for tag in tags) or "nothing"
        raise BadSignature(f"The signature's {etree.QName(parent).localname} must hold: {wanted}.")
    return children


def _only_transform(transforms: etree._Element) -> etree._Element:
    """Return the one Transform, which must be a canonical form: any other could hide a part of the Body."""
    found = transforms.findall(f"{{{DS}}}Transform")
    if any("c14n" not in one.get("Algorithm", "") for one in found):
        raise BadSignature("The signature transforms the Body before its digest by more than exclusive C14N.")
    (transform,) = _children(transforms, *_ds("Transform"))
    return transform


def _inclusive_prefixes(method: etree._Element) -> list[str]:
    if method.get("Algorithm") != EXCLUSIVE_C14N:
        raise BadSignature("The signature uses another canonical form than exclusive C14N without comments.")
    if len(method) == 0:
        return []
    (inclusive,) = _children(method, INCLUSIVE_NAMESPACES)
    listed = inclusive.get("PrefixList", "")
    if len(listed) > _MAX_ATTRIBUTE:
        raise BadSignature("The signature's InclusiveNamespaces is too long.")
    prefixes = listed.split()
    if "#default" in prefixes:
        # lxml (6.1) drops this word silently, and the canonical form would come out wrong.
        raise BadSignature(
            "The signature's InclusiveNamespaces lists #default, which cannot be checked here."
        )
    return prefixes


def _decoded(element: etree._Element) -> bytes:
    _children(element)
    try:
        # The white space of XML alone: str.split() would also drop spaces that no other reader of base64 drops.
        return b64decode((element.text or "").encode().translate(None, b" \t\r\n"), validate=True)
    except (Base64Error, ValueError):
        raise BadSignature(f"The signature's {etree.QName(element).localname} is not base64.") from None
