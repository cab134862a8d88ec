"""The names that SOAP 1.1, WS-Security 1.0 and XMLDSig give things."""

from __future__ import annotations

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE = f"{{{SOAP}}}Envelope"
HEADER = f"{{{SOAP}}}Header"
BODY = f"{{{SOAP}}}Body"

_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE = f"{_WSS}wssecurity-secext-1.0.xsd"
SECURITY = f"{{{WSSE}}}Security"
WSU = f"{_WSS}wssecurity-utility-1.0.xsd"
WSU_ID = f"{{{WSU}}}Id"
BASE64_BINARY = f"{_WSS}soap-message-security-1.0#Base64Binary"
X509_V3 = f"{_WSS}x509-token-profile-1.0#X509v3"

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SIGNATURE = f"{{{DS}}}Signature"
SIGNED_INFO = f"{{{DS}}}SignedInfo"
KEY_INFO = f"{{{DS}}}KeyInfo"
INCLUSIVE_NAMESPACES = f"{{{EXCLUSIVE_C14N}}}InclusiveNamespaces"
