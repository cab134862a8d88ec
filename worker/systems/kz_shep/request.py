"""From a submission to the SOAP envelope that SyncChannel takes: built and checked by the schema, unsigned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from lxml import etree

from contracts.problems import Problem
from contracts.reasons import Reason
from worker.outcome import Blocked
from worker.signing.wsse.names import SOAP_11, SOAP_12
from worker.systems.port import NotPrepared, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pydantic import BaseModel

    from worker.signing.wsse.names import Soap
    from worker.systems.kz_shep.senders import Sender
    from worker.systems.kz_shep.service import Service
    from worker.systems.kz_shep.settings import KzShepSettings
    from worker.systems.port import Attempt
    from worker.xml.builder import Values
    from worker.xml.message import MessageSchema
    from worker.xml.schema_problem import SchemaProblem

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_PREFIX = "ns5"
_IN_DATA = re.compile(r"/requestData/data/(\w+)")


def info(settings: KzShepSettings, service: Service, sender: Sender, attempt: Attempt) -> Values:
    """Return the values of a request's head; the message id is the attempt's own, and the correlation id the same."""
    return {
        "messageId": attempt.message_id,
        "correlationId": attempt.message_id if settings.correlation else None,
        "serviceId": settings.service_ids.get(service.operation, service.service_id),
        "messageDate": message_date(attempt.created_on, settings.time_zone),
        "routeId": settings.route_id,
        "sender": {"senderId": sender.sender_id, "password": sender.password},
    }


def message_date(at: datetime, time_zone: str) -> str:
    """Return a time as xs:dateTime with milliseconds and the zone's offset at that time."""
    return at.astimezone(ZoneInfo(time_zone)).isoformat(timespec="milliseconds")


def headers(settings: KzShepSettings) -> Mapping[str, str]:
    """Return the headers of a request: SOAP 1.1 has the action in one of its own, 1.2 in the content type."""
    if settings.envelope is SOAP_12:
        return {"content-type": f'application/soap+xml; charset=utf-8; action="{settings.soap_action}"'}
    return {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{settings.soap_action}"'}


def build(
    schema: MessageSchema, head: Values, service: Service, data: BaseModel, soap: Soap = SOAP_11
) -> bytes:
    """Return the envelope, of this version of SOAP and valid by the schema.

    Raises Refused with every problem of the event's data, and NotPrepared where a setting does not go into XML.
    """
    try:
        message = schema.build({"request": {"requestInfo": head, "requestData": {}}})
    except ValueError:
        # The settings' own checks have refused such characters before; lxml's message is not passed on, as it may
        # quote them.
        detail = "a setting for messages holds characters that XML cannot contain; see senders, route_id"
        raise NotPrepared(Blocked(Reason.CONFIGURATION, detail)) from None
    (place,) = message.iter("requestData")
    try:
        place.append(_payload(service, data))
    except ValueError:
        # lxml's message names no field; the contract has refused such characters before.
        raise _refused(
            [Problem("$.data", "schema", "The value holds characters that XML cannot carry.")]
        ) from None
    if problems := schema.validate(message):
        raise _refused([_told(problem) for problem in problems])
    return etree.tostring(_enclosed(message, soap), encoding="UTF-8", xml_declaration=True)


def _payload(service: Service, data: BaseModel) -> etree._Element:
    # Both prefixes are declared here and not above: exclusive C14N drops a prefix that only the value of xsi:type
    # uses, and the ministry's example has them here.
    payload = etree.Element("data", nsmap={_PREFIX: service.namespace, "xsi": _XSI})
    payload.set(f"{{{_XSI}}}type", f"{_PREFIX}:{service.payload_type}")
    for name, text in service.elements(data):
        etree.SubElement(payload, name).text = text
    return payload


def _enclosed(message: etree._Element, soap: Soap) -> etree._Element:
    envelope = etree.Element(soap.envelope, nsmap={"soap": soap.namespace})
    etree.SubElement(envelope, soap.header)
    etree.SubElement(envelope, soap.body).append(message)
    return envelope


def _told(found: SchemaProblem) -> Problem:
    named = _IN_DATA.search(found.path)
    path = f"$.data.{named[1]}" if named else "$.data"
    return Problem(path, "schema", f"The value does not fit the schema: {found}.")


def _refused(problems: list[Problem]) -> Refused:
    return Refused(Reason.SCHEMA_VIOLATION, problems)
