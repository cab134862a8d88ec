"""SOAP 1.1 envelopes signed by libxmlsec1, as gateways sign them: in more forms than the worker itself does."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

if TYPE_CHECKING:
    from tests.support.signing.certificates import Issued

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
DS = "http://www.w3.org/2000/09/xmldsig#"
_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_WSS}wssecurity-secext-1.0.xsd"
WSU = f"{_WSS}wssecurity-utility-1.0.xsd"
X509_V3 = f"{_WSS}x509-token-profile-1.0#X509v3"
TYPES = "http://bip.bee.kz/SyncChannel/v10/Types"
NAMESPACES = {"S": SOAP, "ds": DS, "wsse": WSSE, "wsu": WSU, "t": TYPES}

ANSWER = f"""<S:Envelope xmlns:S="{SOAP}" xmlns:xs="urn:xs" xmlns="urn:outer"><S:Header/><S:Body>
<t:SendMessageResponse xmlns:t="{TYPES}"><response xmlns=""><responseData><data kind="xs:string">ТҰМАР</data>
</responseData></response></t:SendMessageResponse></S:Body></S:Envelope>"""


def signed_by_xmlsec(
    signer: Issued,
    text: str = ANSWER,
    *,
    key_info: str = "identifier",
    prefixes: str | None = None,
    method=xmlsec.Transform.RSA_SHA256,
    digest=xmlsec.Transform.SHA256,
    info_form=xmlsec.Transform.EXCL_C14N,
    body_form=xmlsec.Transform.EXCL_C14N,
) -> bytes:
    """Sign the Body. ``key_info``: the name of a builder below; ``prefixes``: the Body's InclusiveNamespaces."""
    root = etree.fromstring(text.encode())
    body = root.find("{*}Body")
    body.set(f"{{{WSU}}}Id", "body-1")
    security = etree.SubElement(root.find("{*}Header"), f"{{{WSSE}}}Security", nsmap={"wsse": WSSE})
    template = xmlsec.template.create(root, info_form, method, ns="ds")
    security.append(template)
    reference = xmlsec.template.add_reference(template, digest, uri="#body-1")
    transform = xmlsec.template.add_transform(reference, body_form)
    if prefixes is not None:
        xmlsec.template.transform_add_c14n_inclusive_namespaces(transform, prefixes)
    KEY_INFOS[key_info](xmlsec.template.ensure_key_info(template), signer)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(signer.key_pem(), xmlsec.KeyFormat.PEM)
    context.sign(template)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _identifier(key_info, signer) -> None:
    reference = etree.SubElement(key_info, f"{{{WSSE}}}SecurityTokenReference")
    identifier = etree.SubElement(reference, f"{{{WSSE}}}KeyIdentifier", ValueType=X509_V3)
    identifier.text = _base64(signer)


def _certificate(key_info, signer) -> None:
    data = etree.SubElement(key_info, f"{{{DS}}}X509Data")
    etree.SubElement(data, f"{{{DS}}}X509Certificate").text = _base64(signer)


def _issuer_serial(key_info, signer) -> None:
    reference = etree.SubElement(key_info, f"{{{WSSE}}}SecurityTokenReference")
    data = etree.SubElement(reference, f"{{{DS}}}X509Data")
    pair = etree.SubElement(data, f"{{{DS}}}X509IssuerSerial")
    etree.SubElement(pair, f"{{{DS}}}X509IssuerName").text = signer.certificate.issuer.rfc4514_string()
    etree.SubElement(pair, f"{{{DS}}}X509SerialNumber").text = str(signer.certificate.serial_number)


def _key_name(key_info, signer) -> None:
    etree.SubElement(key_info, f"{{{DS}}}KeyName").text = "SHEP"


def _base64(signer) -> str:
    return b64encode(signer.certificate.public_bytes(Encoding.DER)).decode()


KEY_INFOS = {
    "identifier": _identifier,
    "certificate": _certificate,
    "issuer and serial": _issuer_serial,
    "key name": _key_name,
}
