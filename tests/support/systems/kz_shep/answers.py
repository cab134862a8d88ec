"""Answers of SHEP as text, signed by libxmlsec1 where they are to be believed. Their content is invented."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from tests.support.systems.kz_shep.soap import SOAP, TYPES
from worker.transport.port import Answer

EHEALTH = "http://ehealth.kz/integration/sync"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
COMMON = "http://bip.bee.kz/common/v10/Types"
RECEIVER_ID = "5a0f7a52-6d6e-4f7e-9a52-0d5c1c1d8a11"
PDF = b"%PDF-1.4\n% invented\n%%EOF\n"


def status(code: str = "SUCCESS", message: str = "The request has been processed") -> str:
    """Write a status, as both levels have one."""
    return f"<status><code>{escape(code)}</code><message>{escape(message)}</message></status>"


def exemption(
    number: str = "01085", state: str = "UP_TO_DATE", *, pdf: bytes | None = PDF, more: str = ""
) -> str:
    """Write one found exemption."""
    certificate = f"<certificate>{base64.b64encode(pdf).decode()}</certificate>" if pdf is not None else ""
    procedure = "<code>100</code><nameRu>Прививка</nameRu><nameKk>Екпе</nameKk>"
    return (
        f"<medicalExemptionList><number>{number}</number><medicalProcedure>{procedure}</medicalProcedure>"
        f"<status>{state}</status>{more}{certificate}</medicalExemptionList>"
    )


def data(content: str | None = None, *, start: str | None = None) -> str:
    """Write the typed data of a response; ``start`` is another start tag, as gateways garble it."""
    start = (
        start
        or f'<data xmlns:ns4="{EHEALTH}" xmlns:xsi="{XSI}" xsi:type="ns4:MedicalExemptionSearchResponse">'
    )
    return f"{start}{status() + exemption() if content is None else content}</data>"


def response(
    inside: str | None = None,
    *,
    stated: str | None = None,
    date: str | None = None,
    correlation: str | None = None,
) -> str:
    """Write a SendMessageResponse with this in its responseData; without a date, of now."""
    date = datetime.now(UTC).isoformat() if date is None else date
    chain = f"<correlationId>{correlation}</correlationId>" if correlation else ""
    info = f"<messageId>{RECEIVER_ID}</messageId>{chain}<responseDate>{date}</responseDate>"
    return (
        f'<ns2:SendMessageResponse xmlns:ns2="{TYPES}"><response><responseInfo>{info}'
        f"{status() if stated is None else stated}</responseInfo>"
        f"<responseData>{data() if inside is None else inside}</responseData></response></ns2:SendMessageResponse>"
    )


def envelope(content: str, *, soap: str = SOAP) -> str:
    """Write a SOAP envelope around it."""
    return (
        f'<soap:Envelope xmlns:soap="{soap}"><soap:Header/><soap:Body>{content}</soap:Body></soap:Envelope>'
    )


def error(code: str, inner: str = "", *, text: str = "Ошибка") -> str:
    """Write the elements of an ErrorInfo."""
    return (
        f"<errorCode>{code}</errorCode><errorMessage>{text}</errorMessage><errorData>720315200006</errorData>"
        f"<errorDate>2026-03-01T17:00:01.071+05:00</errorDate>{f'<subError>{inner}</subError>' if inner else ''}"
    )


def fault(detail: str | None = None, *, sentence: str = "error") -> str:
    """Write a SOAP fault, typed where there are errors."""
    name = "SendMessageFault1_SendMessageFault"
    typed = f'<detail><t:{name} xmlns:t="{TYPES}">{detail}</t:{name}></detail>' if detail is not None else ""
    return envelope(
        f"<soap:Fault><faultcode>soap:Server</faultcode><faultstring>{sentence}</faultstring>{typed}</soap:Fault>"
    )


def answer(body: bytes | str, status_code: int = 200, *, truncated: bool = False, **headers: str) -> Answer:
    """Make an HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    return Answer(status_code, {"content-type": "text/xml"} | headers, content, truncated)
