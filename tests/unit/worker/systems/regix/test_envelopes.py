"""Every message, element by element, against the shapes that public sources have: written out here, not built.

facts: the nesting and order of the envelope (EFORMS regixRequestTemplate.xml, REGIX3 ServiceRequestData and
CallContext), and of each argument (REGIX3, XMLSchemas of the adapters).
"""

from __future__ import annotations

import pytest
from lxml import etree

from tests.support.systems.regix.system import CONTEXT, attempt, event, system
from worker.outcome import Taken

SOAP_11 = "{http://schemas.xmlsoap.org/soap/envelope/}"
SOAP_12 = "{http://www.w3.org/2003/05/soap-envelope}"
WSA = "{http://www.w3.org/2005/08/addressing}"
REG = "{http://egov.bg/RegiX}"
SD = "{http://egov.bg/RegiX/SignedData}"
GRAO = "http://egov.bg/RegiX/GRAO/"
NBD = "TechnoLogica.RegiX.GraoNBDAdapter.APIService.INBDAPI."
EGN = "7223154154"
EXECUTE = {
    "content-type": "text/xml; charset=utf-8",
    "soapaction": '"http://egov.bg/RegiX/IRegiXEntryPointV2/Execute"',
}


def tree(element):
    """Return an element as (name, its text or its children)."""
    children = [tree(child) for child in element]
    assert not (children and (element.text or "").strip())
    return (element.tag, children or element.text)


def sd(name, content):
    return (SD + name, content)


def argument(namespace, root, *leaves):
    return (f"{{{namespace}}}{root}", [(f"{{{namespace}}}{name}", text) for name, text in leaves])


def envelope(*content, soap=SOAP_11, header=()):
    return (f"{soap}Envelope", [*header, (f"{soap}Body", list(content))])


def execute(*parts):
    return (f"{REG}Execute", [(f"{REG}request", [sd("ServiceRequestData", list(parts))])])


async def sent(submission, **settings):
    made = system(**settings)
    prepared = await made.prepare(submission, attempt())
    await made.close()
    return prepared


async def test_the_smallest_request():
    prepared = await sent(
        event(context=CONTEXT, signResult=False, returnAccessMatrix=False, argument={"egn": EGN})
    )

    assert tree(etree.fromstring(prepared.request)) == envelope(
        execute(
            sd("Operation", NBD + "ValidPersonSearch"),
            sd("Argument", [argument(f"{GRAO}NBD/ValidPersonRequest", "ValidPersonRequest", ("EGN", EGN))]),
            sd(
                "CallContext",
                [sd("ServiceURI", "1-1"), sd("ServiceType", "test"), sd("LawReason", "чл. 1")],
            ),
            sd("SignResult", "false"),
            sd("ReturnAccessMatrix", "false"),
        )
    )
    assert prepared.url == "https://service-regix-test.egov.bg/RegiXEntryPointV2.svc/basic"
    assert prepared.method == "POST"
    assert prepared.headers == EXECUTE
    assert not prepared.reuse


FULL = {
    "serviceUri": "u",
    "serviceType": "t",
    "lawReason": "l",
    "employeeIdentifier": "i",
    "employeeNames": "n",
    "employeeAdditionalIdentifier": "a",
    "employeePosition": "p",
    "administrationOid": "1.2.3",
    "administrationName": "an",
    "responsiblePersonIdentifier": "r",
    "remark": "k",
}


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "secret"
    file.write_text("0123456789abcdef0123456789abcdef\n")
    return file


async def test_the_largest_request(secret):
    submission = event(context=FULL, asynchronous=True, employeeEgn="7223154155", citizenEgn="7223154156")
    prepared = await sent(
        submission, callback_url="https://herald.hospital.example/regix", callback_secret_file=secret
    )

    assert tree(etree.fromstring(prepared.request)) == envelope(
        execute(
            sd("RequestProcessing", "Asynchronous"),
            sd("Operation", NBD + "ValidPersonSearch"),
            sd("Argument", [argument(f"{GRAO}NBD/ValidPersonRequest", "ValidPersonRequest", ("EGN", EGN))]),
            sd(
                "CallContext",
                [
                    sd("ServiceURI", "u"),
                    sd("ServiceType", "t"),
                    sd("EmployeeIdentifier", "i"),
                    sd("EmployeeNames", "n"),
                    sd("EmployeeAditionalIdentifier", "a"),
                    sd("EmployeePosition", "p"),
                    sd("AdministrationOId", "1.2.3"),
                    sd("AdministrationName", "an"),
                    sd("ResponsiblePersonIdentifier", "r"),
                    sd("LawReason", "l"),
                    sd("Remark", "k"),
                ],
            ),
            sd("CallbackURL", "https://herald.hospital.example/regix/0123456789abcdef0123456789abcdef"),
            sd("EmployeeEGN", "7223154155"),
            sd("CitizenEGN", "7223154156"),
            sd("SignResult", "true"),
            sd("ReturnAccessMatrix", "true"),
        )
    )


async def test_no_callback_is_asked_for_where_the_answer_comes_at_once(secret):
    prepared = await sent(
        event(), callback_url="https://herald.hospital.example/regix", callback_secret_file=secret
    )
    assert b"CallbackURL" not in prepared.request
    assert b"RequestProcessing" not in prepared.request


PERSON = ("EGN", EGN)
DAY = ("SearchDate", "2025-03-14")
NUMBER, KIND = ("Identifier", EGN), ("IdentifierType", "EGN")
NHIF = "http://egov.bg/RegiX/NHIF/Request"
NHIF_API = "TechnoLogica.RegiX.NHIFAdapter.APIService.INHIFAPI."
BR_API = "TechnoLogica.RegiX.GraoBRAdapter.APIService.IBRAPI."
PNA_API = "TechnoLogica.RegiX.GraoPNAAdapter.APIService.IPNAAPI."
NELK = "http://egov.bg/RegiX/NELK/EISME"
NELK_API = "TechnoLogica.RegiX.NelkEismeAdapter.APIService.INelkEismeAPI."
NOI = "http://egov.bg/RegiX/NOI/HospitalSheets/GetHospitalSheetsDataRequest"
NCPR = "http://egov.bg/RegiX/NCPR/MedicinalProducts/GetMedinicalProductDataRequest"
BY_PERSON = {"egn": EGN}
BY_NUMBER = {"identifier": EGN, "identifierType": "EGN"}


def nhif(name, *leaves):
    return (f"Get{name}", NHIF_API, BY_NUMBER, NHIF, f"{name}Request", leaves or (NUMBER, KIND))


# operation, the interface, the event's argument, and the element's namespace, name and content
SHAPES = [
    ("ValidPersonSearch", NBD, BY_PERSON, f"{GRAO}NBD/ValidPersonRequest", "ValidPersonRequest", (PERSON,)),
    ("PersonDataSearch", NBD, BY_PERSON, f"{GRAO}NBD/PersonDataRequest", "PersonDataRequest", (PERSON,)),
    # The root's name ends in Type, and its namespace does not.
    ("RelationsSearch", NBD, BY_PERSON, f"{GRAO}NBD/RelationsRequest", "RelationsRequestType", (PERSON,)),
    *(
        (f"{name}Search", BR_API, BY_PERSON, f"{GRAO}BR/{name}Request", f"{name}Request", (PERSON,))
        for name in ("MaritalStatus", "MaritalStatusSpouseChildren", "Marriage", "Spouse")
    ),
    *(
        (
            f"{name}Search",
            PNA_API,
            {"egn": EGN, "searchDate": "2025-03-14"},
            f"{GRAO}PNA/{name}Request",
            f"{name}Request",
            (PERSON, DAY),
        )
        for name in ("PermanentAddress", "TemporaryAddress")
    ),
    nhif("PatientRecordClinicalProcedures"),
    nhif("PatientRecordDental"),
    nhif("PatientRecordDrugsByHospitalizations"),
    nhif("PatientRecordDrugsbyClinicalProcedures"),
    nhif("PatientRecordHospitalizations"),
    nhif("PatientRecordLaboratory"),
    # Here alone the type comes first.
    nhif("PatientRecordMedicalTreatments", KIND, NUMBER),
    nhif("ReportExams"),
    (
        "GetHospitalSheetsData",
        "TechnoLogica.RegiX.NOIHospitalSheetsAdapter.APIService.INOIHospitalSheetsAPI.",
        BY_NUMBER,
        NOI,
        "GetHospitalSheetsDataRequest",
        (NUMBER, KIND),
    ),
    *(
        (f"{name}", NELK_API, {"identifier": EGN}, NELK, f"{name}Request", (NUMBER,))
        for name in ("GetAllExpertDecisionsByIdentifier", "GetLastExpertDecisionByIdentifier")
    ),
    (
        "GetMedicinalProductData",
        "TechnoLogica.RegiX.NCPRMedicinalProductsAdapter.APIService.INCPRMedicinalProductsAPI.",
        {"medicinalProductIdentifier": "12345"},
        NCPR,
        "GetMedinicalProductDataRequest",
        (("MedicinalProductIdentifier", "12345"),),
    ),
]


@pytest.mark.parametrize("shape", SHAPES, ids=[row[0] for row in SHAPES])
async def test_each_argument_whose_shape_is_known(shape):
    operation, interface, given, namespace, root, leaves = shape
    submission = event(operation=operation, argument=given)
    made = system()
    await made.check(submission)
    prepared = await made.prepare(submission, attempt())
    await made.close()

    request = etree.fromstring(prepared.request)
    assert request.findtext(f".//{SD}Operation") == interface + operation
    (found,) = request.iter(f"{SD}Argument")
    assert tree(found) == sd("Argument", [argument(namespace, root, *leaves)])


async def test_xml_is_sent_as_it_is():
    given = '<v:Any xmlns:v="urn:own" xmlns:w="urn:other" kind="1"><!-- kept --><v:A>1</v:A><w:B w:c="2"/></v:Any>'
    prepared = await sent(event(operation="GetActualState", argument=None, xml=given))
    assert given.encode() in prepared.request


async def test_with_soap_1_2_the_message_is_addressed():
    url = "https://service-regix-test.egov.bg/RegiXEntryPointV2.svc"
    prepared = await sent(event(), soap="1.2", url=url)

    root = etree.fromstring(prepared.request)
    assert root.tag == f"{SOAP_12}Envelope"
    header, body = root
    assert (header.tag, body.tag) == (f"{SOAP_12}Header", f"{SOAP_12}Body")
    action = "http://egov.bg/RegiX/IRegiXEntryPointV2/Execute"
    assert tree(header)[1] == [
        (f"{WSA}Action", action),
        (f"{WSA}MessageID", f"urn:uuid:{prepared.message_id}"),
        (f"{WSA}ReplyTo", [(f"{WSA}Address", "http://www.w3.org/2005/08/addressing/anonymous")]),
        (f"{WSA}To", url),
    ]
    must = f"{SOAP_12}mustUnderstand"
    assert [one.get(must) for one in header] == ["1", None, None, "1"]
    assert prepared.headers == {"content-type": f'application/soap+xml; charset=utf-8; action="{action}"'}


@pytest.mark.parametrize(
    ("method", "operation"),
    [("prepare_ask", "CheckResult"), ("prepare_acknowledgement", "AcknowledgeResultReceived")],
)
async def test_the_messages_about_a_waiting_request(method, operation):
    taken = Taken({"call_id": "1024", "verification_code": "1024.YWJj"}, reference="1024")
    made = system()
    prepared = await getattr(made, method)(event(asynchronous=True), attempt(), taken)
    await made.close()

    asked = [sd("ServiceCallID", "1024"), sd("VerificationCode", "1024.YWJj")]
    assert tree(etree.fromstring(prepared.request)) == envelope(
        (f"{REG}{operation}", [(f"{REG}argument", [sd("ServiceCheckResultArgument", asked)])])
    )
    assert prepared.headers == EXECUTE | {
        "soapaction": f'"http://egov.bg/RegiX/IRegiXEntryPointV2/{operation}"'
    }
    assert prepared.evidence is not None
    assert b"YWJj" not in prepared.evidence
    assert tree(etree.fromstring(prepared.evidence))[0] == f"{SOAP_11}Envelope"
