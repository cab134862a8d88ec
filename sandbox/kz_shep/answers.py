"""The contents of what the gateway answers: SendMessageResponse, and faults with or without ErrorInfo."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from lxml import etree

from sandbox.kz_shep.errors import INTERNAL, TEXTS, Refused
from sandbox.kz_shep.names import EHEALTH, SOAP_12, TYPES, XSI
from sandbox.kz_shep.soap import soap_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sandbox.kz_shep.register import Exemption, Procedure
    from sandbox.kz_shep.soap import Element
    from sandbox.kz_shep.uuids import Uuids

SUCCESS = "SUCCESS"
_PROCESSED = "The request has been processed"
_ALMATY = ZoneInfo("Asia/Almaty")
_DEFAULT_XSI: dict[Any, str] = {None: XSI}  # lxml's stubs know no default namespace
_DATA_LENGTH = 500
_RESPONSE = "MedicalExemptionSearchResponse"


@dataclass(frozen=True, slots=True)
class Status:
    """A status as the receiver states it."""

    code: str = SUCCESS
    message: str = _PROCESSED


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search: the gateway's status, the service's own, and the exemptions."""

    exemptions: Sequence[Exemption] = ()
    status: Status = Status()
    service_status: Status = Status()


def add_response(
    body: Element,
    found: Found,
    *,
    correlation_id: str | None,
    uuids: Uuids,
    now: datetime,
    garbled: bool,
    empty_list: str | None = None,
) -> None:
    """Put a SendMessageResponse into the Body; its messageId is the receiver's own.

    ``garbled``: `data` and all within has XSI's namespace, and `type` has none, as a real gateway was seen to do.
    ``empty_list``: where nothing is found, the list is there and empty (``empty``), or nil as well (``nil``).
    """
    root = etree.SubElement(body, f"{{{TYPES}}}SendMessageResponse", nsmap={"ns2": TYPES})
    response = etree.SubElement(root, "response")
    info = etree.SubElement(response, "responseInfo")
    _text(info, "messageId", uuids.next())
    if correlation_id is not None:
        _text(info, "correlationId", correlation_id)
    _text(info, "responseDate", stamp(now))
    _status(etree.SubElement(info, "status"), found.status, "")
    _text(info, "sessionId", session_id(uuids))
    data = _add_data(etree.SubElement(response, "responseData"), found, garbled=garbled)
    if empty_list is not None and not found.exemptions:
        _add_empty_list(data, XSI if garbled else "", nil=empty_list == "nil")


def add_fault(body: Element, error: Refused, *, uuids: Uuids, now: datetime) -> None:
    """Put a fault with ErrorInfo into the Body."""
    fault = _fault(body, TEXTS[error.code])
    soap = soap_of(fault)
    detail = etree.SubElement(fault, f"{{{soap}}}Detail" if soap == SOAP_12 else "detail")
    info = etree.SubElement(detail, f"{{{TYPES}}}SendMessageFault1_SendMessageFault", nsmap={"ns2": TYPES})
    _error(info, error.code, TEXTS[error.code], error.detail, now)
    if error.cause:
        cause = etree.SubElement(info, "subError")
        _error(cause, INTERNAL, TEXTS[INTERNAL], error.cause, now)
    _text(info, "sessionId", session_id(uuids))


def add_bare_fault(body: Element, text: str) -> None:
    """Put a fault without a detail into the Body."""
    _fault(body, text)


def stamp(now: datetime) -> str:
    """Return the time as the gateway writes it: in Almaty's offset, to the millisecond."""
    return now.astimezone(_ALMATY).isoformat(timespec="milliseconds")


def session_id(uuids: Uuids) -> str:
    """Return a new guid, in the braces that its type asks for."""
    return f"{{{uuids.next()}}}"


def _fault(body: Element, text: str) -> Element:
    soap = soap_of(body)
    fault = etree.SubElement(body, f"{{{soap}}}Fault")
    if soap == SOAP_12:
        _text(etree.SubElement(fault, f"{{{soap}}}Code"), f"{{{soap}}}Value", "soap:Receiver")
        reason = etree.SubElement(etree.SubElement(fault, f"{{{soap}}}Reason"), f"{{{soap}}}Text")
        reason.set("{http://www.w3.org/XML/1998/namespace}lang", "ru")
        reason.text = text
    else:
        _text(fault, "faultcode", "soap:Server")
        _text(fault, "faultstring", text)
    return fault


def _error(parent: Element, code: str, message: str, data: str, now: datetime) -> None:
    _text(parent, "errorCode", code)
    _text(parent, "errorMessage", message)
    _text(parent, "errorData", _plain(data))
    _text(parent, "errorDate", stamp(now))


def _plain(text: str) -> str:
    """Return what XML can hold of a text that may quote the request, and not too much of it."""
    return "".join(filter(str.isprintable, text[:_DATA_LENGTH]))


def _add_data(parent: Element, found: Found, *, garbled: bool) -> Element:
    if garbled:
        namespace = f"{{{XSI}}}"
        data = etree.SubElement(parent, f"{namespace}data", nsmap=_DEFAULT_XSI)
        data.set("type", f"ns4:{_RESPONSE}")
    else:
        namespace = ""
        data = etree.SubElement(parent, "data", nsmap={"ns4": EHEALTH, "xsi": XSI})
        data.set(f"{{{XSI}}}type", f"ns4:{_RESPONSE}")
    _status(etree.SubElement(data, f"{namespace}status"), found.service_status, namespace)
    for exemption in found.exemptions:
        _exemption(etree.SubElement(data, f"{namespace}medicalExemptionList"), exemption, namespace)
    return data


def _add_empty_list(data: Element, namespace: str, *, nil: bool) -> None:
    nothing = etree.SubElement(
        data, f"{{{namespace}}}medicalExemptionList" if namespace else "medicalExemptionList"
    )
    if nil:
        nothing.set(f"{{{XSI}}}nil", "true")


def _exemption(parent: Element, exemption: Exemption, namespace: str) -> None:
    _text(parent, f"{namespace}number", exemption.number)
    procedure = etree.SubElement(parent, f"{namespace}medicalProcedure")
    _procedure(procedure, exemption.procedure, namespace)
    _text(parent, f"{namespace}status", exemption.status)
    if exemption.end_date is not None:
        _text(parent, f"{namespace}temporaryContraindicationEndDate", exemption.end_date)
    if exemption.revocation_reason is not None:
        _text(parent, f"{namespace}revocationReason", exemption.revocation_reason)
    names = ("certificate", "printableCertificate")
    for name, content in zip(names, exemption.certificates() or (), strict=False):
        _text(parent, f"{namespace}{name}", base64.b64encode(content).decode("ascii"))


def _procedure(parent: Element, procedure: Procedure, namespace: str) -> None:
    _text(parent, f"{namespace}code", procedure.code)
    _text(parent, f"{namespace}nameRu", procedure.name)
    _text(parent, f"{namespace}nameKk", procedure.name)  # in Russian, as in the specification's sample


def _status(parent: Element, status: Status, namespace: str) -> None:
    _text(parent, f"{namespace}code", status.code)
    _text(parent, f"{namespace}message", status.message)


def _text(parent: Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text
