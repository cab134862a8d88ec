"""What RegiX calls at our address: ExecuteCallback. Nothing in it is believed but that a request may be ready.

Anybody can call the address: RegiX comes without a certificate. Only who knows a waiting request's number and its
verification code hastens it, and even then the report is fetched from RegiX itself. Total.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from worker.signing.wsse.names import SOAP_11, SOAP_12
from worker.systems.calls import CallAnswer, CallRefused, Ready
from worker.systems.regix.messages import SERVICE
from worker.systems.regix.ready import ready_text
from worker.systems.regix.response import body_of, only, result_data
from worker.text_encoding import charset_in
from worker.xml.node import local_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.signing.wsse.names import Soap
    from worker.systems.calls import Call, Received

_CALLER = frozenset({400, 401, 404, 405, 413})
_KEPT = "The notice was taken. The result will be fetched by CheckResult."


def read_call(call: Call) -> Received:
    """Return that a request may be ready, or why the call is not taken."""
    if call.method != "POST":
        return CallRefused(405, "RegiX calls by POST alone")
    if call.path.strip("/"):
        return CallRefused(404, "RegiX's callback has no path of its own")
    body = body_of(call.body, charset_in(call.headers.get("content-type", "")))
    request = None if body is None or local_name(body) != "ExecuteCallback" else only(body, "request")
    result = None if request is None else result_data(request, "ExecuteCallback")
    if result is None:
        return CallRefused(400, "the call is no readable ExecuteCallback")
    if result.call_id is None or not result.code:
        return CallRefused(401, "the call has no number or no verification code")
    return Ready(ready_text(result.call_id, result.code))


def receipt(call: Call, *, keeps_result: bool) -> CallAnswer:
    """Return RegiX's own form of an answer: a success, or the fault after which it keeps the result."""
    soap = _soap_of(call)
    if keeps_result:
        return _answer(500, _fault(soap, "Server", _KEPT), soap)
    return _answer(200, etree.Element(f"{{{SERVICE}}}ExecuteCallbackResponse", nsmap={"r": SERVICE}), soap)


def refused(call: Call, status: int) -> CallAnswer:
    """Return a SOAP fault with this status, without a reason in detail."""
    soap = _soap_of(call)
    code = "Client" if status in _CALLER else "Server"
    return _answer(status, _fault(soap, code, "The call was not taken."), soap)


def _soap_of(call: Call) -> Soap:
    kind = call.headers.get("content-type", "").strip().lower()
    return SOAP_12 if kind.startswith("application/soap+xml") else SOAP_11


def _fault(soap: Soap, code: str, sentence: str) -> etree._Element:
    fault = etree.Element(f"{{{soap.namespace}}}Fault", nsmap={"s": soap.namespace})
    if soap is SOAP_11:
        etree.SubElement(fault, "faultcode").text = f"s:{code}"
        etree.SubElement(fault, "faultstring").text = sentence
        return fault
    value = etree.SubElement(
        etree.SubElement(fault, f"{{{soap.namespace}}}Code"), f"{{{soap.namespace}}}Value"
    )
    value.text = f"s:{_IN_SOAP_12[code]}"
    reason = etree.SubElement(fault, f"{{{soap.namespace}}}Reason")
    text = etree.SubElement(reason, f"{{{soap.namespace}}}Text")
    text.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    text.text = sentence
    return fault


_IN_SOAP_12: Mapping[str, str] = {"Client": "Sender", "Server": "Receiver"}


def _answer(status: int, content: etree._Element, soap: Soap) -> CallAnswer:
    envelope = etree.Element(soap.envelope, nsmap={"s": soap.namespace})
    etree.SubElement(envelope, soap.body).append(content)
    kind = "application/soap+xml" if soap is SOAP_12 else "text/xml"
    body = etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)
    return CallAnswer(status, body, f"{kind}; charset=utf-8")
