"""Execute: the twelve known reports, the others, both versions of SOAP, and what RegiX passes over in silence."""

from __future__ import annotations

import hashlib

import pytest
from lxml import etree

from sandbox.regix.operations import OPERATIONS, writes
from sandbox.regix.reports import REPORTS
from tests.support.systems.regix.envelopes import (
    CONTEXT,
    ENVELOPE,
    KNOWN,
    NS,
    PERSON_DATA,
    RELATIONS,
    VALID_PERSON,
    egn_argument,
    execute,
    soap11,
)
from tests.support.systems.regix.reading import response_of, result_of, said

ADAPTERS = "TechnoLogica.RegiX."
IDENTIFIED = "<Identifier>{}</Identifier>".format(KNOWN)  # noqa: UP032 - reads as the others
NHIF = "http://egov.bg/RegiX/NHIF/Request"
PNA = "http://egov.bg/RegiX/GRAO/PNA/"
ARGUMENTS = {
    VALID_PERSON: (egn_argument("ValidPersonRequest"), "FirstName", "Измислена"),
    PERSON_DATA: (egn_argument("PersonDataRequest"), "FamilyName", "Иванова"),
    RELATIONS: (egn_argument("RelationsRequest", root="RelationsRequestType"), "RelationCode", "Баща"),
    f"{ADAPTERS}GraoPNAAdapter.APIService.IPNAAPI.PermanentAddressSearch": (
        (
            f'<PermanentAddressRequest xmlns="{PNA}PermanentAddressRequest"><EGN>{KNOWN}</EGN>'
            "<SearchDate>1899-01-01</SearchDate></PermanentAddressRequest>"
        ),
        "LocationName",
        "ул. Измислена",
    ),
    f"{ADAPTERS}GraoPNAAdapter.APIService.IPNAAPI.TemporaryAddressSearch": (
        (
            f'<TemporaryAddressRequest xmlns="{PNA}TemporaryAddressRequest"><EGN>{KNOWN}</EGN>'
            "<SearchDate>1899-01-01</SearchDate></TemporaryAddressRequest>"
        ),
        "CountryCode",
        "BG",
    ),
    f"{ADAPTERS}GraoBRAdapter.APIService.IBRAPI.MaritalStatusSearch": (
        (
            '<MaritalStatusRequest xmlns="http://egov.bg/RegiX/GRAO/BR/MaritalStatusRequest">'
            f"<EGN>{KNOWN}</EGN></MaritalStatusRequest>"
        ),
        "MaritalStatusCode",
        "2",
    ),
    f"{ADAPTERS}NHIFAdapter.APIService.INHIFAPI.GetPatientRecordHospitalizations": (
        (
            f'<PatientRecordHospitalizationsRequest xmlns="{NHIF}">{IDENTIFIED}'
            "<IdentifierType>EGN</IdentifierType></PatientRecordHospitalizationsRequest>"
        ),
        "BedDays",
        "3",
    ),
    f"{ADAPTERS}NHIFAdapter.APIService.INHIFAPI.GetPatientRecordMedicalTreatments": (
        (
            f'<PatientRecordMedicalTreatmentsRequest xmlns="{NHIF}"><IdentifierType>EGN</IdentifierType>'
            f"{IDENTIFIED}</PatientRecordMedicalTreatmentsRequest>"
        ),
        "PresctiptionNumber",
        "1",
    ),
    f"{ADAPTERS}NelkEismeAdapter.APIService.INelkEismeAPI.GetAllExpertDecisionsByIdentifier": (
        (
            '<GetAllExpertDecisionsByIdentifierRequest xmlns="http://egov.bg/RegiX/NELK/EISME">'
            f"{IDENTIFIED}</GetAllExpertDecisionsByIdentifierRequest>"
        ),
        "MeetingNumber",
        "1",
    ),
    f"{ADAPTERS}NelkEismeAdapter.APIService.INelkEismeAPI.GetLastExpertDecisionByIdentifier": (
        (
            '<GetLastExpertDecisionByIdentifierRequest xmlns="http://egov.bg/RegiX/NELK/EISME">'
            f"{IDENTIFIED}</GetLastExpertDecisionByIdentifierRequest>"
        ),
        "MeetingNumber",
        "2",
    ),
    f"{ADAPTERS}NOIHospitalSheetsAdapter.APIService.INOIHospitalSheetsAPI.GetHospitalSheetsData": (
        (
            '<GetHospitalSheetsDataRequest xmlns="http://egov.bg/RegiX/NOI/HospitalSheets/GetHospitalSheetsDataRequest">'
            f"{IDENTIFIED}<IdentifierType>EGN</IdentifierType></GetHospitalSheetsDataRequest>"
        ),
        "IssuedHospitalSheetNumber",
        "E18990000001",
    ),
    f"{ADAPTERS}NCPRMedicinalProductsAdapter.APIService.INCPRMedicinalProductsAPI.GetMedicinalProductData": (
        (
            "<GetMedinicalProductDataRequest "
            'xmlns="http://egov.bg/RegiX/NCPR/MedicinalProducts/GetMedinicalProductDataRequest">'
            "<MedicinalProductIdentifier>900001</MedicinalProductIdentifier></GetMedinicalProductDataRequest>"
        ),
        "NameEN",
        "Invented product",
    ),
}


def short(operation):
    return operation.rpartition(".")[2]


def test_every_known_report_is_asked_here():
    assert ARGUMENTS.keys() == REPORTS.keys()
    assert len(OPERATIONS) == 227
    assert REPORTS.keys() <= OPERATIONS


@pytest.mark.parametrize("operation", ARGUMENTS, ids=short)
def test_a_report_with_a_known_form(make, operation):
    argument, name, text = ARGUMENTS[operation]
    world = make(strict=True)
    answer = world.execute(operation, argument)
    assert (answer.status, answer.content_type, answer.kind) == (200, "text/xml", "answered")
    assert said(answer.body)["IsReady"] == "true"
    response = response_of(answer.body)
    assert next(response.iter(f"{{*}}{name}")).text == text
    (echoed,) = result_of(answer.body).find("d:Data/d:Request", NS)
    assert _canonical(echoed) == _canonical(etree.fromstring(argument))
    (noted,) = world.ledger["executions"]
    key = "900001" if "NCPR" in operation else KNOWN
    assert noted["asked"] == hashlib.sha256(key.encode()).hexdigest()


def _canonical(element):
    return etree.tostring(element, method="c14n", exclusive=True, with_tail=False)


def test_sick_notes_have_no_namespace_even_within_data(world):
    operation = next(name for name in ARGUMENTS if "NOI" in name)
    response = response_of(world.execute(operation, ARGUMENTS[operation][0]).body)
    assert response.tag == "GetHospitalSheetsDataResponse"
    assert response.find("ePatCharts/ePatChart") is not None


def test_types_of_a_common_schema_have_the_common_namespace(world):
    response = response_of(world.execute(PERSON_DATA, ARGUMENTS[PERSON_DATA][0]).body)
    space = "{http://egov.bg/RegiX/GRAO/NBD/PersonDataResponse}"
    common = "{http://egov.bg/RegiX/GRAO/NBD}"
    assert response.findtext(f"{space}PersonNames/{common}FirstName") == "Измислена"
    assert response.find(f"{space}ForeignNames") is not None


def test_the_order_of_a_result(world):
    answer = world.execute()
    (body,) = etree.fromstring(answer.body).find("s:Body", NS)
    assert body.tag == f"{{{NS['r']}}}ExecuteResponse"
    assert [child.tag for child in body] == [f"{{{NS['r']}}}ExecuteResult"]
    names = [etree.QName(child).localname for child in result_of(answer.body)]
    assert names == ["IsReady", "Data", "HasError", "Error", "ServiceCallID"]
    result = result_of(answer.body)
    assert result.find("d:Error", NS).get(f"{{{NS['xsi']}}}nil") == "true"
    assert result.find("d:Data/d:Matrix", NS).get(f"{{{NS['xsi']}}}nil") == "true"


@pytest.mark.parametrize("egn", ["0000000000", "abc", ""])
def test_an_unknown_person_is_an_empty_answer(world, egn):
    answer = world.execute(argument=egn_argument("ValidPersonRequest", egn))
    assert len(response_of(answer.body)) == 0
    assert said(answer.body)["HasError"] == "false"


def test_every_other_operation_answers_in_an_invented_namespace(world):
    for operation in sorted(OPERATIONS - REPORTS.keys() - set(world.regix.entry_point.variants.unasked)):
        answer = world.execute(operation, "<asked xmlns='urn:invented'><any/></asked>")
        assert response_of(answer.body).tag == "{urn:herald:sandbox:invented:regix}InventedResponse"
    assert len(world.ledger["executions"]) == 214


def test_soap_12_with_addressing(make):
    world = make(strict=True)
    answer = world.execute(version="1.2")
    assert (answer.status, answer.content_type) == (200, "application/soap+xml")
    root = etree.fromstring(answer.body)
    header = root.find("s12:Header", NS)
    assert header.findtext("a:Action", namespaces=NS) == (
        "http://egov.bg/RegiX/IRegiXEntryPointV2/ExecuteResponse"
    )
    assert header.findtext("a:RelatesTo", namespaces=NS) == "urn:uuid:6f1f2b9a-0001-4c3e-9d2b-000000000001"
    assert world.ledger["executions"][0]["soap"] == "1.2"


def test_an_unqualified_sign_result_is_false(world):
    body = execute(sign="true").replace("sd:SignResult", "SignResult")
    answer = world.regix.answer(world.request(soap11(body)))
    assert result_of(answer.body).find("ds:Signature", NS) is None
    (noted,) = world.ledger["executions"]
    assert noted["sign_result"] is False
    assert noted["deviations"] == (
        "ServiceRequestData has SignResult of the namespace '', which does not belong there",
        "ServiceRequestData lacks SignResult",
    )


def test_a_context_without_its_mandatory_fields_is_not_refused_but_noted(world):
    assert world.execute(context="").kind == "answered"
    assert (
        world.execute(context="<sd:CallContext><sd:Remark>x</sd:Remark></sd:CallContext>").kind == "answered"
    )
    first, second = world.ledger["executions"]
    assert first["deviations"] == ("ServiceRequestData lacks CallContext",)
    assert second["deviations"] == tuple(
        f"CallContext lacks {name}" for name in ("ServiceURI", "ServiceType", "LawReason")
    )
    assert second["call_context"] == {"Remark": "x"}


def test_the_ledger_has_the_context_as_it_came_and_people_by_pseudonym(world):
    world.execute(
        processing="<sd:RequestProcessing/><sd:ResponseProcessing/>",
        after="<sd:EmployeeEGN>4829059021</sd:EmployeeEGN><sd:CitizenEGN>5523057017</sd:CitizenEGN>",
    )
    (noted,) = world.ledger["executions"]
    assert noted["deviations"] == ()
    assert noted["call_context"]["ServiceURI"] == "URI-1"
    assert noted["call_context"]["LawReason"] == "чл. 1 от измислен закон"
    assert noted["passed_on"] == {
        "CitizenEGN": hashlib.sha256(b"5523057017").hexdigest(),
        "EmployeeEGN": hashlib.sha256(b"4829059021").hexdigest(),
    }
    assert KNOWN not in str(world.ledger)


def test_a_repeated_write_is_counted(world):
    operation = "TechnoLogica.RegiX.MVRANDAdapter.APIService.IMVRANDAPI.SendPaymentNotification"
    assert sum(map(writes, OPERATIONS)) == 14
    world.execute(operation, "<a xmlns='urn:invented'><b>1</b></a>")
    world.execute(operation, "<p:a xmlns:p='urn:invented'><p:b>2</p:b></p:a>")
    world.execute(operation, '<a xmlns="urn:invented" ><b >1</b></a>')
    (repeated,) = world.ledger["repeated_writes"]
    assert (repeated["operation"], repeated["times"]) == (operation, 2)


ORDER = execute().replace(CONTEXT, "").replace("<sd:Operation>", CONTEXT + "<sd:Operation>")
STRANGE = {
    "order": ORDER,
    "unqualified": execute().replace("sd:ReturnAccessMatrix", "ReturnAccessMatrix"),
    "nesting": execute().replace("<reg:request>", "").replace("</reg:request>", ""),
    "missing": execute().replace("<sd:SignResult>false</sd:SignResult>", ""),
    "attribute": execute().replace("<sd:CallContext>", "<sd:CallContext id='x'>"),
    "context order": execute().replace("sd:Remark>", "sd:ServiceType>"),
    "context namespace": execute().replace("sd:LawReason", "reg:LawReason"),
    "argument namespace": execute(
        argument=f'<ValidPersonRequest xmlns="urn:x"><EGN>{KNOWN}</EGN></ValidPersonRequest>'
    ),
    "argument unqualified": execute(
        argument=egn_argument("ValidPersonRequest").replace("<EGN>", '<EGN xmlns="">')
    ),
    "two arguments": execute(argument=egn_argument("ValidPersonRequest") * 2),
    "wrong boolean": execute(sign="yes"),
}


@pytest.mark.parametrize("name", STRANGE)
def test_strict_mode_refuses_what_differs_from_the_documented_form(make, name):
    world = make(strict=True)
    answer = world.regix.answer(world.request(soap11(STRANGE[name])))
    assert answer.status == 500
    text = etree.fromstring(answer.body).findtext("s:Body/s:Fault/faultstring", namespaces=NS)
    assert text.startswith("SANDBOX-STRICT: ")
    assert world.ledger["executions"] == []
    (refused,) = world.ledger["refusals"]
    assert refused["deviations"]
    assert KNOWN not in text


@pytest.mark.parametrize("name", ["order", "missing", "attribute", "context namespace", "two arguments"])
def test_otherwise_it_is_passed_over(world, name):
    assert world.regix.answer(world.request(soap11(STRANGE[name]))).kind == "answered"
    assert world.ledger["executions"][0]["deviations"]


def test_a_header_at_the_basic_endpoint_is_noted(world):
    body = ENVELOPE.replace("<soapenv:Body>", "<soapenv:Header><x/></soapenv:Header><soapenv:Body>")
    world.regix.answer(world.request(body.format(body=execute()).encode()))
    assert world.ledger["executions"][0]["deviations"] == (
        "Header has elements; SOAP 1.1 at /basic has no headers",
    )


@pytest.mark.parametrize(
    "operation", [RELATIONS, *(name for name in ARGUMENTS if "NHIF" in name or "NOI" in name)], ids=short
)
def test_answers_that_are_lists_grow(make, operation):
    world = make(answer_bytes=300_000)
    answer = world.execute(operation, ARGUMENTS[operation][0])
    assert 300_000 <= len(answer.body) < 2_000_000
