"""Verification, by signxml, of signatures that the worker's own writers made: known certificate, known form.

This is the one file that uses signxml. It overrides three of its private methods, because signxml 5.2 refuses valid
signatures: it canonicalises SignedInfo where lxml (6.1) writes a false xmlns="" into it, and without the xml:
attributes that C14N 1.0 takes from its ancestors; and it serialises documents in ASCII, which cannot hold element
names in Cyrillic. The tests of both writers fail if a later version no longer has these methods.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import field
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.exceptions import InvalidCertificate, InvalidDigest, InvalidSignature
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from contracts.immutable import immutable
from worker.signing.wsse.names import (
    DS,
    KEY_INFO,
    SECURITY,
    SIGNATURE,
    SIGNATURE_VALUE,
    SIGNED_INFO,
    WSSE,
)
from worker.xml.safe import own_document_parser

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cryptography import x509

    from worker.signing.port import Identity

_XML = "{http://www.w3.org/XML/1998/namespace}"


@immutable
class Form:
    """What a signature must be; ``location`` and ``certificate`` are paths to the Signature and in its KeyInfo.

    ``around``: the children of the elements at these paths, which nobody signs.
    """

    name: str
    location: str
    canonical: CanonicalizationMethod
    transforms: tuple[str, ...]
    certificate: str
    root: str | None = None
    around: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


ENVELOPED = Form(
    "enveloped XMLDSig",
    location="./",
    canonical=CanonicalizationMethod.CANONICAL_XML_1_0,
    transforms=(SignatureConstructionMethod.enveloped.value,),
    certificate=f"{{{DS}}}X509Data/{{{DS}}}X509Certificate",
)


@cache
def soap_body(header: str) -> Form:
    """Return the form of a signature over a SOAP Body; ``header`` is the qualified name of its version's Header."""
    namespace = etree.QName(header).namespace
    return Form(
        "WS-Security",
        location=f"./{header}/{SECURITY}/",
        canonical=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        transforms=(CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0.value,),
        certificate=f"{{{WSSE}}}SecurityTokenReference/{{{WSSE}}}KeyIdentifier",
        root=f"{{{namespace}}}Envelope",
        around={
            ".": (header, f"{{{namespace}}}Body"),
            header: (SECURITY,),
            f"{header}/{SECURITY}": (SIGNATURE,),
        },
    )


class NotVerified(Exception):
    """A signature is not what it must be; the message says why and what to check, and quotes nothing."""


def verify(document: bytes, form: Form, identity: Identity, *, content: bytes) -> None:
    """Return where `document` has a signature of this form by this identity over exactly `content`.

    `content` is in canonical form. Takes milliseconds: call it in a thread. Raises NotVerified.
    """
    try:
        result = _verified(document, form, identity)
    except (InvalidDigest, InvalidCertificate) as error:
        raise NotVerified(_fault(type(error).__name__)) from None
    except InvalidSignature:
        raise NotVerified(
            "the signature does not belong to its certificate; check that the signer's private key is that "
            "of the certificate"
        ) from None
    except Exception as error:  # noqa: BLE001 - what cannot be verified does not leave, whatever the cause
        raise NotVerified(_fault(type(error).__name__)) from None
    root = etree.fromstring(document, own_document_parser())
    if difference := _difference(result, form, identity.certificate, content) or _addition(root, form):
        raise NotVerified(_fault(difference))


def _fault(what: str) -> str:
    return f"the signed message cannot be verified ({what}); the fault is in this program or its libraries"


def _verified(document: bytes, form: Form, identity: Identity) -> VerifyResult:
    expected = SignatureConfiguration(
        require_x509=True,
        location=form.location,
        expect_references=1,
        signature_methods=frozenset({SignatureMethod(identity.algorithm.uri)}),
        digest_algorithms=frozenset({DigestAlgorithm.SHA256}),
        # The signer checks, by its own clock and before it signs, whether the certificate is valid now.
        verification_time=identity.certificate.not_valid_before_utc,
        default_reference_c14n_method=CanonicalizationMethod.CANONICAL_XML_1_0,
    )
    result = _Verifier().verify(
        document, x509_cert=identity.certificate, parser=own_document_parser(), expect_config=expected
    )
    return cast("VerifyResult", result)  # a list only where more than one reference is expected


def _difference(
    result: VerifyResult, form: Form, certificate: x509.Certificate, content: bytes
) -> str | None:
    """Name what signxml accepts and a receiver would refuse; None where there is nothing."""
    signature = result.signature_xml
    if result.signed_data != content:
        return "other content is signed"
    canonical = signature.find(f"{SIGNED_INFO}/{{{DS}}}CanonicalizationMethod")
    if canonical is None or canonical.get("Algorithm") != form.canonical.value:
        return "another canonical form"
    transforms = list(signature.iter(f"{{{DS}}}Transform"))
    if tuple(one.get("Algorithm") for one in transforms) != form.transforms or any(map(len, transforms)):
        return "other transforms"
    # signxml goes by the certificate that it is given, and does not look at the one that the receiver gets.
    told = signature.findtext(f"{KEY_INFO}/{form.certificate}") or ""
    if told != b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii"):
        return "it contains another certificate"
    return None


def _addition(root: etree._Element, form: Form) -> str | None:
    """Say what the document has that nobody signs and this form does not have; None where there is nothing."""
    if next(root.iter(etree.Comment), None) is not None:
        return "it contains a comment"
    signature = root.find(f"{form.location}{SIGNATURE}")
    if signature is None or [one.tag for one in signature] != [SIGNED_INFO, SIGNATURE_VALUE, KEY_INFO]:
        return "the signature has other parts"
    if next(signature.iter(etree.ProcessingInstruction), None) is not None:
        return "the signature contains an instruction"
    if form.root not in {None, root.tag} or any(
        tuple(one.tag for one in root.iterfind(f"{path}/*")) != tags for path, tags in form.around.items()
    ):
        return "the signature stands in another frame"
    return None


class _Verifier(XMLVerifier):
    """signxml's verifier, which reads documents and canonicalises SignedInfo as the standards say."""

    _inherited: Sequence[tuple[str, str]] = ()

    def _get_signature(self, root: etree._Element) -> etree._Element:
        signature: etree._Element = super()._get_signature(root)  # type: ignore[no-untyped-call]
        above = [signature, *signature.iterancestors()]
        found = {str(name): str(value) for one in reversed(above) for name, value in one.attrib.items()}
        self._inherited = [(name, value) for name, value in found.items() if name.startswith(_XML)]
        return signature

    def _tostring(self, xml_node: etree._Element, **options: Any) -> bytes:
        return cast("bytes", etree.tostring(xml_node, encoding="UTF-8", **options))

    def _c14n(
        self,
        nodes: etree._Element,
        algorithm: CanonicalizationMethod,
        inclusive_ns_prefixes: Sequence[str] | None = None,
    ) -> bytes:
        alone = self._fromstring(self._tostring(nodes, with_tail=False))  # type: ignore[no-untyped-call]
        if nodes.tag == SIGNED_INFO and algorithm is CanonicalizationMethod.CANONICAL_XML_1_0:
            for name, value in self._inherited:
                alone.set(name, value)
        return cast("bytes", super()._c14n(alone, algorithm, inclusive_ns_prefixes))
