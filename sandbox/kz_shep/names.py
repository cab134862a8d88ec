"""The namespaces and addresses of SyncChannel v10, of WS-Security and of the medical-exemption search."""

from __future__ import annotations

PATH = "/bip-sync-wss-gost/"
SERVICE = "EHEALTH_MEDICAL_EXEMPTION_SEARCH"

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
TYPES = "http://bip.bee.kz/SyncChannel/v10/Types"
EHEALTH = "http://ehealth.kz/integration/sync"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

DS = "http://www.w3.org/2000/09/xmldsig#"
_OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
WSSE = f"{_OASIS}-wssecurity-secext-1.0.xsd"
WSU = f"{_OASIS}-wssecurity-utility-1.0.xsd"
BASE64 = f"{_OASIS}-soap-message-security-1.0#Base64Binary"
X509V3 = f"{_OASIS}-x509-token-profile-1.0#X509v3"
BODY_ID = f"{{{WSU}}}Id"

EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
