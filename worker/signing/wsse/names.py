"""The names that SOAP 1.1 and 1.2, WS-Security 1.0 and XMLDSig give things."""

from __future__ import annotations

from contracts.immutable import immutable

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE = f"{{{SOAP}}}Envelope"
HEADER = f"{{{SOAP}}}Header"
BODY = f"{{{SOAP}}}Body"


@immutable
class Soap:
    """One version of SOAP: its namespace, and the qualified names in it."""

    version: str
    namespace: str

    @property
    def envelope(self) -> str:
        """The root of a message."""
        return f"{{{self.namespace}}}Envelope"

    @property
    def header(self) -> str:
        """The content before the Body."""
        return f"{{{self.namespace}}}Header"

    @property
    def body(self) -> str:
        """What the signature covers."""
        return f"{{{self.namespace}}}Body"


SOAP_11 = Soap("1.1", SOAP)
SOAP_12 = Soap("1.2", "http://www.w3.org/2003/05/soap-envelope")
_BY_ENVELOPE = {soap.envelope: soap for soap in (SOAP_11, SOAP_12)}


def soap_of(tag: object) -> Soap | None:
    """Return the version whose envelope has this tag; None for a root that is no SOAP envelope."""
    return _BY_ENVELOPE.get(str(tag))


_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_WSS}wssecurity-secext-1.0.xsd"
SECURITY = f"{{{WSSE}}}Security"
WSU = f"{_WSS}wssecurity-utility-1.0.xsd"
WSU_ID = f"{{{WSU}}}Id"
BASE64_BINARY = f"{_WSS}soap-message-security-1.0#Base64Binary"
X509_V3 = f"{_WSS}x509-token-profile-1.0#X509v3"

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SIGNATURE = f"{{{DS}}}Signature"
SIGNATURE_VALUE = f"{{{DS}}}SignatureValue"
SIGNED_INFO = f"{{{DS}}}SignedInfo"
KEY_INFO = f"{{{DS}}}KeyInfo"
INCLUSIVE_NAMESPACES = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"
