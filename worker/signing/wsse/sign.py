"""WS-Security signatures over a SOAP Body, in the profile that SHEP takes (sources: docs/signing.md).

Exclusive C14N, the signer's algorithm, SHA-256, one Reference to the Body's wsu:Id, the certificate in a KeyIdentifier.

The way it works: the envelope is written once, in canonical form, with a placeholder for the Signature. Those bytes
are read again as a receiver reads them, and the Body found there is digested. The Signature replaces the placeholder
as bytes; exclusive C14N of the Body does not see what its ancestors and neighbours hold.
"""

from __future__ import annotations

import copy
import hashlib
import uuid
from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING

from lxml import etree

from worker.signing.first_signature import verify_first
from worker.signing.port import DocumentSigner, SigningFailed
from worker.signing.signxml_verifier import soap_body
from worker.signing.taken import RSA_ALONE, identity_for
from worker.signing.wsse.names import (
    BASE64_BINARY,
    DS,
    EXCLUSIVE_C14N,
    SECURITY,
    SHA256,
    WSSE,
    WSU,
    WSU_ID,
    X509_V3,
    Soap,
    soap_of,
)
from worker.xml.safe import RefusedXml, own_document_parser, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from worker.signing.algorithms import SignatureAlgorithm
    from worker.signing.port import DigestSigner, DigestSigners, DocumentSigners, Identity

# The prefix that everybody uses, and some receivers compare: without this lxml would invent one for the Body's id.
etree.register_namespace("wsu", WSU)

MAX_DOCUMENT_BYTES = 8 * 1024 * 1024

_DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
# The placeholder is a processing instruction: in canonical form no text and no attribute can hold these bytes.
_PLACE = etree.ProcessingInstruction("herald-signature")
_PLACE_BYTES = b"<?herald-signature?>"
_INFO = (
    f'<ds:CanonicalizationMethod Algorithm="{EXCLUSIVE_C14N}"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>'
    '<ds:Reference URI="#{id}"><ds:Transforms>'
    f'<ds:Transform Algorithm="{EXCLUSIVE_C14N}"></ds:Transform></ds:Transforms>'
    f'<ds:DigestMethod Algorithm="{SHA256}"></ds:DigestMethod>'
    "<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
_AMPERSAND_IN_NAMESPACE = etree.XPath("boolean(//namespace::*[contains(., '&')])")


def fresh_id() -> str:
    """Return an id that no other element has."""
    return f"id-{uuid.uuid4()}"


class WsseSigner:
    """A document signer that signs the Body of SOAP envelopes by a digest signer."""

    def __init__(
        self,
        signer: DigestSigner,
        *,
        new_id: Callable[[], str] = fresh_id,
        taken: Collection[SignatureAlgorithm] = RSA_ALONE,
    ) -> None:
        self.name = signer.name
        self._signer = signer
        self._new_id = new_id
        self._taken = taken

    async def sign_document(self, document: bytes) -> bytes:
        """Return the envelope with a signature over its Body. Raises SigningFailed."""
        try:
            envelope = parse(document, max_bytes=MAX_DOCUMENT_BYTES)
            return await sign_body(envelope, self._signer, new_id=self._new_id, taken=self._taken)
        except (RefusedXml, ValueError) as refused:
            raise SigningFailed(f'signer "{self.name}": {refused}', transient=False) from None
        except etree.C14NError:
            raise SigningFailed(
                f'signer "{self.name}": a namespace name in the document is relative', transient=False
            ) from None

    def __repr__(self) -> str:
        return f"WsseSigner({self.name!r})"


class WsseSigners(Mapping[str, DocumentSigner]):
    """The digest signers of a live view as document signers, beside those that sign whole documents by themselves."""

    def __init__(
        self,
        keys: DigestSigners,
        documents: DocumentSigners,
        *,
        taken: Collection[SignatureAlgorithm] = RSA_ALONE,
    ) -> None:
        self._keys = keys
        self._documents = documents
        self._taken = taken

    def __getitem__(self, name: str) -> DocumentSigner:
        """Return what signs for this name at this moment. Raises KeyError."""
        if name in self._documents:
            return self._documents[name]
        return WsseSigner(self._keys[name], taken=self._taken)

    def __iter__(self) -> Iterator[str]:
        """Yield all names."""
        return iter(dict.fromkeys((*self._keys, *self._documents)))

    def __len__(self) -> int:
        """Return how many there are."""
        return len({*self._keys, *self._documents})


async def sign_body(
    envelope: etree._Element,
    signer: DigestSigner,
    *,
    new_id: Callable[[], str] = fresh_id,
    taken: Collection[SignatureAlgorithm] = RSA_ALONE,
) -> bytes:
    """Return the document to send: UTF-8 with a declaration, the envelope in canonical form with its Signature.

    ``taken``: the algorithms that the receiver takes.

    `envelope` stays as it is. Comments, and processing instructions beside the envelope, are not sent. Raises
    SigningFailed (from the signer, or because its first document is not right), ValueError where `envelope` is no SOAP
    envelope (1.1 or 1.2) with one Body and an empty Header or none, is inside another element, under a DTD, or has a
    namespace name that libxml2 cannot write, and etree.C14NError where a namespace name is relative.
    """
    soap = require_plain_envelope(envelope)
    body_id = new_id()
    before, after = _with_place(envelope, soap, body_id).split(_PLACE_BYTES, 1)
    body = _received_body(before + after, soap)
    identity = await identity_for(signer, taken)
    digest = _base64(hashlib.sha256(body).digest())
    info = _INFO.format(id=body_id, method=identity.algorithm.uri, digest=digest)
    signed_info = f'<ds:SignedInfo xmlns:ds="{DS}">{info}'.encode()
    (signature,) = await signer.sign_digests([identity.algorithm.digest(signed_info)])
    document = _DECLARATION + before + _signature(info, signature, identity) + after
    await verify_first(document, soap_body(soap.header), signer, identity, content=body)
    return document


def require_plain_envelope(envelope: etree._Element) -> Soap:
    """Return the envelope's version. Raises ValueError where the envelope cannot be signed as it is."""
    if envelope.getparent() is not None:
        raise ValueError("only a whole document can be signed, not an element inside another")
    if envelope.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a document with a DTD is not signed: the receiver would read it differently")
    soap = soap_of(envelope.tag)
    if soap is None:
        raise ValueError("the document is not a SOAP envelope")
    bodies, headers = envelope.findall(soap.body), envelope.findall(soap.header)
    if len(bodies) != 1:
        raise ValueError(f"the envelope has {len(bodies)} Body elements; exactly one can be signed")
    if bodies[0].get(WSU_ID) is not None:
        raise ValueError("the Body has a wsu:Id already: it may be signed, and is not signed again")
    if len(headers) > 1 or any(_holds_something(header) for header in headers):
        raise ValueError("the envelope's Header must be absent or empty before it is signed")
    # Most documents have no & at all, and to see that costs a tenth of a walk over their namespaces.
    if b"&" in etree.tostring(envelope, encoding="UTF-8") and _AMPERSAND_IN_NAMESPACE(envelope):
        raise ValueError(
            "a namespace name with & is not signed: libxml2 does not escape it in canonical form"
        )
    return soap


def _holds_something(header: etree._Element) -> bool:
    return len(header) > 0 or bool(header.attrib) or bool(header.text)


def _with_place(envelope: etree._Element, soap: Soap, body_id: str) -> bytes:
    """Write a copy of the envelope in canonical form, with its Body's id and a placeholder for the Signature."""
    whole = copy.deepcopy(envelope)
    for empty in whole.findall(soap.header):
        whole.remove(empty)
    header = whole.makeelement(soap.header)
    whole.insert(0, header)
    security = etree.SubElement(header, SECURITY, nsmap={"wsse": WSSE})
    security.set(f"{{{soap.namespace}}}mustUnderstand", "1")
    security.append(copy.copy(_PLACE))
    whole.find(soap.body).set(WSU_ID, body_id)  # type: ignore[union-attr]  # require_plain_envelope found it
    return etree.tostring(whole, method="c14n", exclusive=False, with_comments=False)


def _received_body(document: bytes, soap: Soap) -> bytes:
    """Return the canonical form of the Body as the receiver of these bytes computes it."""
    return exclusive_form(_parsed(document).find(soap.body))  # type: ignore[arg-type]  # the same


def exclusive_form(element: etree._Element, inclusive_prefixes: Sequence[str] = ()) -> bytes:
    """Return the element in exclusive canonical form without comments."""
    # Alone in a document of its own, because lxml (6.1) gets the default namespace wrong where it canonicalises an
    # element inside another. A copy drops declarations that nothing uses; only InclusiveNamespaces needs those.
    if inclusive_prefixes:
        alone = _parsed(etree.tostring(element, encoding="UTF-8", with_tail=False))
    else:
        alone = copy.deepcopy(element)
        alone.tail = None
    return etree.tostring(
        alone,
        method="c14n",
        exclusive=True,
        with_comments=False,
        inclusive_ns_prefixes=list(inclusive_prefixes) or None,
    )


def _parsed(own: bytes) -> etree._Element:
    return etree.fromstring(own, own_document_parser())


def _signature(info: str, signature: bytes, identity: Identity) -> bytes:
    return (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>{info}'
        f"<ds:SignatureValue>{_base64(signature)}</ds:SignatureValue>"
        f'<ds:KeyInfo><wsse:SecurityTokenReference xmlns:wsse="{WSSE}">'
        f'<wsse:KeyIdentifier EncodingType="{BASE64_BINARY}" ValueType="{X509_V3}">{identity.certificate_text}'
        "</wsse:KeyIdentifier></wsse:SecurityTokenReference></ds:KeyInfo></ds:Signature>"
    ).encode()


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
