"""Answers of RegiX, written out by hand in the form in which its server writes them. All people are invented."""

from __future__ import annotations

from worker.transport.port import Answer

XML = {"content-type": "text/xml; charset=utf-8"}
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
EGN = "7223154154"
CALL_ID = "1024"
CODE = "1024.c2VjcmV0LWNvZGU="
REQUEST = f'<ValidPersonRequest xmlns="http://egov.bg/RegiX/GRAO/NBD/ValidPersonRequest"><EGN>{EGN}</EGN></ValidPersonRequest>'
RESPONSE = (
    '<ValidPersonResponse xmlns="http://egov.bg/RegiX/GRAO/NBD/ValidPersonResponse">'
    "<FirstName>Радка</FirstName><SurName /><BirthDate>1872-03-15</BirthDate></ValidPersonResponse>"
)
MATRIX = (
    '<Matrix id="AccessMatrix"><HasAccess>true</HasAccess><Name>ValidPersonResponseType</Name><Properties>'
    "<Property><HasAccess>true</HasAccess><Name>FirstName</Name></Property>"
    "<Property><HasAccess>true</HasAccess><Name>SurName</Name></Property>"
    "<Property><HasAccess>false</HasAccess><Name>FamilyName</Name></Property>"
    "<Property><HasAccess>true</HasAccess><Name>DeathDate</Name></Property>"
    "</Properties></Matrix>"
)
NO_MATRIX = '<Matrix xsi:nil="true" />'


def data(request: str = REQUEST, response: str = RESPONSE, matrix: str = MATRIX) -> str:
    return (
        f'<Data id="data"><Request id="request">{request}</Request>'
        f'<Response id="response">{response}</Response>{matrix}</Data>'
    )


def result(
    content: str | None = None,
    *,
    ready: str = "true",
    has_error: str = "false",
    error: str | None = None,
    call_id: str = CALL_ID,
    code: str = "",
    signature: str = "",
) -> str:
    """Return ServiceResultData; ``content`` is Data, by default a report."""
    told = f"<Error>{error}</Error>" if error is not None else '<Error xsi:nil="true" />'
    given = f"<VerificationCode>{code}</VerificationCode>" if code else ""
    return (
        f'<ServiceResultData xmlns="http://egov.bg/RegiX/SignedData"><IsReady>{ready}</IsReady>'
        f"{data() if content is None else content}{signature}<HasError>{has_error}</HasError>{told}"
        f"<ServiceCallID>{call_id}</ServiceCallID>{given}</ServiceResultData>"
    )


def enveloped(body: str, soap: str = SOAP_11) -> str:
    return f'<s:Envelope xmlns:s="{soap}"><s:Body {XSI}>{body}</s:Body></s:Envelope>'


def response_to(operation: str, content: str, soap: str = SOAP_11) -> str:
    inside = f"<{operation}Result>{content}</{operation}Result>" if content else ""
    return enveloped(
        f'<{operation}Response xmlns="http://egov.bg/RegiX">{inside}</{operation}Response>', soap
    )


def fault(sentence: str, code: str = "s:Client", detail: str = "") -> str:
    told = f"<detail>{detail}</detail>" if detail else ""
    return enveloped(
        f"<s:Fault><faultcode>{code}</faultcode><faultstring>{sentence}</faultstring>{told}</s:Fault>"
    )


def answer(text: str | bytes, status: int = 200, headers: dict[str, str] = XML, **more: object) -> Answer:
    return Answer(status, headers, text if isinstance(text, bytes) else text.encode(), **more)  # type: ignore[arg-type]


def executed(content: str) -> Answer:
    return answer(response_to("Execute", content))


def checked(content: str) -> Answer:
    return answer(response_to("CheckResult", content))


NOTHING = '<Data xsi:nil="true" />'


def failed(sentence: str, *, ready: str = "false", call_id: str = "0") -> str:
    return result(NOTHING, ready=ready, has_error="true", error=sentence, call_id=call_id)


TAKEN = result(NOTHING, ready="false", code=CODE)
