"""Reports signed by libxmlsec1, as RegiX's signer does it: XAdES over `#data`, then carried in another envelope."""

from __future__ import annotations

import base64

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

from tests.support.signing.certificates import Issued
from tests.support.systems.regix.answers import XSI, data, response_to

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
DS = "http://www.w3.org/2000/09/xmldsig#"
RSA_SHA256, SHA256 = (
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmlenc#sha256",
)
RSA_SHA1, SHA1 = f"{DS}rsa-sha1", f"{DS}sha1"


def signed_result(
    issued: Issued,
    *,
    method: str = RSA_SHA256,
    digest: str = SHA256,
    canonical: str = C14N,
    surroundings: str = f'{XSI} xmlns="http://egov.bg/RegiX/SignedData"',
    content: str | None = None,
    several: bool = False,
) -> str:
    """Return ServiceResultData as it stands in a SOAP Body. ``surroundings``: declarations at the signer's root."""
    signature = _template(issued, method, digest, canonical)
    inner = f"<IsReady>true</IsReady>{data() if content is None else content}{signature}<HasError>false</HasError>"
    document = etree.fromstring(f"<ServiceResultData {surroundings}>{inner}</ServiceResultData>".encode())
    xmlsec.tree.add_ids(document, ["id", "Id"])
    context = xmlsec.SignatureContext()
    key = issued.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context.key = xmlsec.Key.from_memory(key, xmlsec.KeyFormat.PEM)
    (found,) = document.iter(f"{{{DS}}}Signature")
    context.sign(found)
    text = etree.tostring(document, encoding="unicode")
    return _carried(text, several=several)


def _template(issued: Issued, method: str, digest: str, canonical: str) -> str:
    certificate = base64.b64encode(issued.certificate.public_bytes(Encoding.DER)).decode()
    enveloped = f'<ds:Transforms><ds:Transform Algorithm="{DS}enveloped-signature"/></ds:Transforms>'
    if canonical == EXCLUSIVE:
        enveloped = enveloped.replace(
            "</ds:Transforms>", f'<ds:Transform Algorithm="{EXCLUSIVE}"/></ds:Transforms>'
        )
    properties_form = f'<ds:Transforms><ds:Transform Algorithm="{canonical}"/></ds:Transforms>'
    if canonical == C14N:
        properties_form = ""
    told = f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/>'
    return (
        f'<ds:Signature xmlns:ds="{DS}" Id="S1"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{canonical}"/><ds:SignatureMethod Algorithm="{method}"/>'
        f'<ds:Reference Id="r-id-1" URI="#data">{enveloped}{told}</ds:Reference>'
        f'<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#SP1">{properties_form}{told}'
        "</ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data>"
        f"<ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>"
        '<xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" '
        'xmlns:xadesv141="http://uri.etsi.org/01903/v1.4.1#" Target="#S1">'
        '<xades:SignedProperties Id="SP1"><xades:SignedSignatureProperties>'
        "<xades:SigningTime>2025-03-14T09:30:00Z</xades:SigningTime></xades:SignedSignatureProperties>"
        "</xades:SignedProperties></xades:QualifyingProperties></ds:Object></ds:Signature>"
    )


def _carried(text: str, *, several: bool) -> str:
    """Return the result as WCF writes it into its Body: without the declarations that stand there already."""
    for declaration in XSI.split(" "):
        text = text.replace(f" {declaration}", "", 1)
    if "<ServiceResultData xmlns=" not in text:
        text = text.replace(
            "<ServiceResultData", '<ServiceResultData xmlns="http://egov.bg/RegiX/SignedData"', 1
        )
    if several:
        start, end = text.index("<ds:Signature "), text.index("</ds:Signature>") + len("</ds:Signature>")
        text = f"{text[:start]}<Signature>{text[start:end]}</Signature>{text[end:]}"
    return text.replace("</ServiceResultData>", "<ServiceCallID>1024</ServiceCallID></ServiceResultData>")


def signed_answer(result: str) -> str:
    return response_to("Execute", result)
