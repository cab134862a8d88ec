"""Envelopes of RegiX V2, written by hand from the documented form; no builder of the product is used."""

from __future__ import annotations

NBD = "TechnoLogica.RegiX.GraoNBDAdapter.APIService.INBDAPI"
VALID_PERSON = f"{NBD}.ValidPersonSearch"
PERSON_DATA = f"{NBD}.PersonDataSearch"
RELATIONS = f"{NBD}.RelationsSearch"
NOTARY = "TechnoLogica.RegiX.MFANotariesAdapter.APIService.IMFANotariesAPI.SendNotaryDocuments"
KNOWN = "5523057017"
"""An invented person of the sandbox's registers."""
ACTION = "http://egov.bg/RegiX/IRegiXEntryPointV2/"
NS = {
    "s": "http://schemas.xmlsoap.org/soap/envelope/",
    "s12": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://www.w3.org/2005/08/addressing",
    "r": "http://egov.bg/RegiX",
    "d": "http://egov.bg/RegiX/SignedData",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "v": "http://egov.bg/RegiX/GRAO/NBD/ValidPersonResponse",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
ENVELOPE = """\
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:reg="http://egov.bg/RegiX" \
xmlns:sd="http://egov.bg/RegiX/SignedData"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"""
ENVELOPE_12 = """\
<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing" \
xmlns:reg="http://egov.bg/RegiX" xmlns:sd="http://egov.bg/RegiX/SignedData"><soap:Header>\
<a:Action soap:mustUnderstand="1">http://egov.bg/RegiX/IRegiXEntryPointV2/{action}</a:Action>\
<a:MessageID>urn:uuid:6f1f2b9a-0001-4c3e-9d2b-000000000001</a:MessageID>\
<a:To soap:mustUnderstand="1">https://example.invalid/RegiXEntryPointV2.svc</a:To></soap:Header>\
<soap:Body>{body}</soap:Body></soap:Envelope>"""
CONTEXT = """\
<sd:CallContext><sd:ServiceURI>URI-1</sd:ServiceURI><sd:ServiceType>За проверовъчна дейност</sd:ServiceType>\
<sd:EmployeeIdentifier>employee-1</sd:EmployeeIdentifier><sd:EmployeeNames>Измислена Иванова</sd:EmployeeNames>\
<sd:EmployeePosition>регистратор</sd:EmployeePosition><sd:AdministrationOId>2.16.100.1.1.999</sd:AdministrationOId>\
<sd:AdministrationName>Измислена болница</sd:AdministrationName><sd:LawReason>чл. 1 от измислен закон</sd:LawReason>\
<sd:Remark>тест</sd:Remark></sd:CallContext>"""
EXECUTE = """\
<reg:Execute><reg:request><sd:ServiceRequestData>{processing}<sd:Operation>{operation}</sd:Operation>\
<sd:Argument>{argument}</sd:Argument>{context}{after}<sd:SignResult>{sign}</sd:SignResult>\
<sd:ReturnAccessMatrix>{matrix}</sd:ReturnAccessMatrix></sd:ServiceRequestData></reg:request></reg:Execute>"""
QUESTION = """\
<reg:{operation}><reg:argument><sd:ServiceCheckResultArgument><sd:ServiceCallID>{call_id}</sd:ServiceCallID>\
<sd:VerificationCode>{code}</sd:VerificationCode></sd:ServiceCheckResultArgument></reg:argument></reg:{operation}>"""
ASYNCHRONOUS = "<sd:RequestProcessing>Asynchronous</sd:RequestProcessing>"


def egn_argument(name: str, egn: str = KNOWN, root: str = "") -> str:
    """Return the argument of a report of the population register that takes an EGN."""
    return f'<{root or name} xmlns="http://egov.bg/RegiX/GRAO/NBD/{name}"><EGN>{egn}</EGN></{root or name}>'


def execute(
    operation: str = VALID_PERSON,
    argument: str | None = None,
    *,
    processing: str = "",
    context: str = CONTEXT,
    after: str = "",
    sign: str = "false",
    matrix: str = "false",
) -> str:
    """Return the Body's element of an Execute."""
    asked = egn_argument("ValidPersonRequest") if argument is None else argument
    return EXECUTE.format(
        processing=processing,
        operation=operation,
        argument=asked,
        context=context,
        after=after,
        sign=sign,
        matrix=matrix,
    )


def question(operation: str, call_id: object, code: str) -> str:
    """Return the Body's element of a CheckResult or an AcknowledgeResultReceived."""
    return QUESTION.format(operation=operation, call_id=call_id, code=code)


def soap11(body: str) -> bytes:
    """Return an envelope of SOAP 1.1."""
    return ENVELOPE.format(body=body).encode()


def soap12(body: str, action: str = "Execute") -> bytes:
    """Return an envelope of SOAP 1.2 with WS-Addressing."""
    return ENVELOPE_12.format(body=body, action=action).encode()
