"""The invented service of the tests, by which nothing is said of the portal's own: its WSDL is not public."""

from __future__ import annotations

from pathlib import Path

from worker.systems.peu.wsdl import Service, load_service

WSDL = Path(__file__).parent / "wsdl" / "InventedService.wsdl"
SOAP_11, SOAP_12 = "http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"
UPDATE = {"service": {"number": 2070, "title": "Измислена", "supplier": "000000000"}}


def invented(port: str = "Basic") -> Service:
    """Read the WSDL anew."""
    return load_service(WSDL, None, port)


def enveloped(body: str, soap: str = SOAP_11) -> bytes:
    """Put a body into an envelope."""
    return f'<s:Envelope xmlns:s="{soap}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


def updated(inner: str = "<id>7</id>") -> str:
    """Return the answer of UpdateService."""
    return f'<UpdateServiceResponse xmlns="urn:invented:peu">{inner}</UpdateServiceResponse>'


def fault(code: str = "s:Client", text: str = "Невалидна услуга", detail: str = "") -> str:
    """Return a fault of SOAP 1.1."""
    return f"<s:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>{detail}</s:Fault>"


REFUSAL = (
    '<detail><Refusal xmlns="urn:invented:peu"><number>4</number><text>Няма право</text></Refusal></detail>'
)
