"""What RegiX refuses: errors in an answer of HTTP 200, SOAP faults, and HTTP errors; each changes nothing."""

from __future__ import annotations

import pytest
from lxml import etree

from sandbox.stand_in import InvalidControl
from tests.support.systems.regix.envelopes import (
    ASYNCHRONOUS,
    KNOWN,
    NS,
    PERSON_DATA,
    VALID_PERSON,
    egn_argument,
    execute,
    question,
    soap11,
    soap12,
)
from tests.support.systems.regix.reading import result_of, said

ENTRY = "TechnoLogica.RegiX.GraoNBDAdapter.APIService.INBDAPI"
NOT_FOUND, NOT_ACTIVE, NO_ACCESS = (
    "Access denied! ConsumerCertificate is not found.",
    "Access denied! ConsumerCertificate is not active",
    "Access denied!",
)
INVALID = (
    "Element request.Operation is invalid. Check for correct operation names here: "
    "http://regixaisweb.egov.bg/regixinfo/"
)
ARGUMENT = "Element request.Argument is required and it must contain XML content\r\nParameter name: Argument"


def fault_of(answer):
    assert (answer.status, answer.content_type, answer.kind) == (500, "text/xml", "fault")
    fault = etree.fromstring(answer.body).find("s:Body/s:Fault", NS)
    code = fault.find("faultcode")
    prefix, _, name = code.text.partition(":")
    assert (
        code.nsmap[prefix]
        == "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher"
    )
    text = fault.findtext("faultstring")
    assert fault.findtext("detail/{*}ExceptionDetail/{*}Message") == text
    return name, text


@pytest.mark.parametrize(
    ("consumer", "error"), [("unregistered", NOT_FOUND), ("former", NOT_ACTIVE), ("clinic", NO_ACCESS)]
)
def test_access_denied(world, consumer, error):
    operation = f"{ENTRY}.RelationsSearch"
    argument = egn_argument("RelationsRequest", root="RelationsRequestType")
    answer = world.execute(operation, argument, consumer=consumer)
    assert (answer.status, answer.kind) == (200, "error")
    assert said(answer.body) == {
        "IsReady": "false",
        "HasError": "true",
        "Error": error,
        "ServiceCallID": "0",
        "VerificationCode": None,
    }
    assert result_of(answer.body).find("d:Data", NS).get(f"{{{NS['xsi']}}}nil") == "true"
    assert world.ledger["executions"] == []
    (refused,) = world.ledger["refusals"]
    assert (refused["consumer"], refused["error"], refused["operation"]) == (consumer, error, operation)
    assert refused["call_context"]["ServiceURI"] == "URI-1"


def test_a_disabled_operation(world):
    world.regix.control("disabled", [VALID_PERSON])
    assert said(world.execute().body)["Error"] == "Service is disabled!"
    argument = egn_argument("PersonDataRequest")
    assert said(world.execute(PERSON_DATA, argument).body)["HasError"] == "false"


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        ("ValidPersonSearch", INVALID),
        ("", INVALID),
        ("TechnoLogica.RegiX.NoAdapter.APIService.INoAPI.Search", INVALID),
        (f" {VALID_PERSON}", INVALID),
        (f"{ENTRY}.NoSuchSearch", "Operation with name:'NoSuchSearch' could not be found!"),
        (f"{ENTRY}.", "Operation with name:'' could not be found!"),
    ],
)
def test_unknown_operations_are_faults_before_access_is_looked_at(world, operation, text):
    for consumer in ("hospital", "former"):
        assert fault_of(world.execute(operation, consumer=consumer)) == ("InternalServiceFault", text)
    assert len(world.ledger["refusals"]) == 2


@pytest.mark.parametrize("argument", ["", "text", " "])
def test_a_missing_argument(world, argument):
    assert fault_of(world.execute(argument=argument)) == ("InternalServiceFault", ARGUMENT)


def test_a_missing_argument_of_an_asynchronous_request_is_an_error_of_the_core(world):
    answer = world.execute(argument="", processing=ASYNCHRONOUS)
    found = said(answer.body)
    assert (found["IsReady"], found["Error"], found["ServiceCallID"]) == (
        "false",
        "Error occurred! Root element is missing.",
        "0",
    )


def test_an_argument_of_another_type(world):
    argument = f'<ValidPersonRequest xmlns="urn:other"><EGN>{KNOWN}</EGN></ValidPersonRequest>'
    assert fault_of(world.execute(argument=argument)) == ("InternalServiceFault", "")
    found = said(world.execute(argument=argument, processing=ASYNCHRONOUS).body)
    assert (found["IsReady"], found["Error"]) == (
        "true",
        "<ValidPersonRequest xmlns='urn:other'> was not expected.",
    )


def test_an_argument_whose_identifier_is_of_no_namespace(world):
    argument = egn_argument("ValidPersonRequest").replace("<EGN>", '<EGN xmlns="">')
    found = said(world.execute(argument=argument).body)
    assert (found["IsReady"], found["HasError"]) == ("true", "true")
    assert found["ServiceCallID"] == "1"


@pytest.mark.parametrize(
    ("raised_by", "ready", "text", "call"),
    [("register", "true", "No connection", "1"), ("core", "false", "Error occurred! No connection", "0")],
)
def test_errors_of_a_register(world, raised_by, ready, text, call):
    world.regix.control(
        "errors",
        [{"operation": VALID_PERSON, "message": "No connection", "raised_by": raised_by, "times": 1}],
    )
    found = said(world.execute().body)
    assert (found["IsReady"], found["Error"], found["ServiceCallID"]) == (ready, text, call)
    assert said(world.execute().body)["HasError"] == "false"
    assert [one["outcome"] for one in world.ledger["executions"]] == ["error", "answered"]


@pytest.mark.parametrize("action", ["Execut", "", "ExecuteCallback", "execute", "\x01\x7f", "x" * 9000])
def test_an_unknown_action(world, action):
    name, _ = fault_of(world.regix.answer(world.request(soap11(execute()), action)))
    assert name == "ActionNotSupported"


def test_an_action_of_another_operation(world):
    name, _ = fault_of(world.regix.answer(world.request(soap11(execute()), "CheckResult")))
    assert name == "DeserializationFailed"


@pytest.mark.parametrize(
    "body",
    [
        execute(sign="yes"),
        execute(processing="<sd:RequestProcessing>Later</sd:RequestProcessing>"),
        execute(processing="<sd:ResponseProcessing>Asynchronous</sd:ResponseProcessing>"),
    ],
    ids=["sign", "request flag", "response flag"],
)
def test_values_that_cannot_be_read(world, body):
    assert fault_of(world.regix.answer(world.request(soap11(body))))[0] == "DeserializationFailed"


@pytest.mark.parametrize("operation", ["CheckResult", "AcknowledgeResultReceived"])
@pytest.mark.parametrize("call_id", ["7", "0"])
def test_an_unknown_call(world, operation, call_id):
    found = fault_of(world.ask(operation, call_id, "x"))
    assert found == ("InternalServiceFault", "No such serviceCallID could be found!")


@pytest.mark.parametrize("call_id", ["seven", "1.5", "-1", "9" * 29, "9" * 5000], ids=lambda text: text[:9])
def test_a_call_id_that_is_no_number(world, call_id):
    assert fault_of(world.ask("CheckResult", call_id, "x"))[0] == "DeserializationFailed"


def test_a_wrapper_of_another_namespace_is_an_invalid_operation(world):
    body = execute().replace("reg:request", "request")
    assert fault_of(world.regix.answer(world.request(soap11(body))))[1] == INVALID


GOOD = soap11(execute())
BAD_BYTES = {
    "empty": b"",
    "no xml": b"\x00\xff",
    "half": GOOD[:200],
    "dtd": b'<!DOCTYPE x [<!ENTITY e "x">]>' + GOOD,
    "soap 1.2": soap12(execute()),
    "no body": b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>',
    "empty body": b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
    "utf-16 dtd": ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x []><x/>').encode("utf-16"),
    "deep": b"<a>" * 100_000,
}


@pytest.mark.parametrize("name", BAD_BYTES)
def test_what_is_no_envelope_of_the_endpoints_version(world, name):
    request = world.request(BAD_BYTES[name])
    assert world.regix.traits_of(request)["operation"] is None
    answer = world.regix.answer(request)
    assert (answer.status, answer.body) == (400, b"")
    assert world.ledger["refusals"] == []


@pytest.mark.parametrize("missing", ["Action", "MessageID"])
def test_soap_12_needs_the_headers_of_addressing(world, missing):
    content = soap12(execute()).replace(f"a:{missing}".encode(), f"a:No{missing}".encode())
    answer = world.regix.answer(world.request(content, version="1.2"))
    fault = etree.fromstring(answer.body).find("s12:Body/s12:Fault", NS)
    assert answer.status == 500
    assert fault.findtext("s12:Code/s12:Value", namespaces=NS) == "s:Receiver"
    assert fault.findtext("s12:Code/s12:Subcode/s12:Value", namespaces=NS).endswith(
        "MessageAddressingHeaderRequired"
    )
    assert missing in fault.findtext("s12:Reason/s12:Text", namespaces=NS)


@pytest.mark.parametrize(
    ("line", "content_type", "consumer", "status"),
    [
        ("POST /elsewhere", "text/xml", "hospital", 404),
        ("POST /RegiXEntryPointV2.svc/basic", "text/xml", None, 403),
        ("GET /RegiXEntryPointV2.svc", "", None, 403),
        ("GET /RegiXEntryPointV2.svc", "", "hospital", 200),
        ("PUT /RegiXEntryPointV2.svc", "text/xml", "hospital", 405),
        ("POST /RegiXEntryPointV2.svc/basic", "application/soap+xml", "hospital", 415),
        ("POST /RegiXEntryPointV2.svc", "text/xml", "hospital", 415),
        ("POST /RegiXEntryPointV2.svc/basic", "application/json", "hospital", 415),
    ],
)
def test_http(world, line, content_type, consumer, status):
    method, path = line.split()
    request = world.request(GOOD, consumer=consumer)
    changed = type(request)(
        method, path, "", {**request.headers, "content-type": content_type}, GOOD, request.client_certificate
    )
    answer = world.regix.answer(changed)
    assert (answer.status, answer.content_type) == (status, "text/html")
    assert world.ledger["executions"] == []


def test_a_body_above_the_limit(world):
    assert world.regix.answer(world.request(b" " * (26_214_400 + 1))).status == 413


def test_a_failure_on_request_is_a_fault_of_that_status(world):
    answer = world.regix.failed(503, world.request(GOOD))
    assert answer.status == 503
    assert etree.fromstring(answer.body).find("s:Body/s:Fault", NS) is not None


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("variants", {"unknown": 1}),
        ("variants", {"strict": 1}),
        ("variants", {"signature": "md5"}),
        ("variants", {"async_seconds": -1}),
        ("variants", {"async_seconds": True}),
        ("variants", {"answer_bytes": 10**9}),
        ("variants", {"at_once": ["ValidPersonSearch"]}),
        ("variants", {"async_by_service_uri": {"x": "soon"}}),
        ("variants", []),
        ("consumers", [{"name": "nobody"}]),
        ("consumers", [{"name": "clinic", "active": "yes"}]),
        ("consumers", [{"name": "clinic", "other": 1}]),
        ("consumers", [{"name": "clinic", "operations": ["x"]}]),
        ("consumers", [{"name": "clinic", "hidden": {VALID_PERSON: ["NoSuch"]}}]),
        ("consumers", [{"name": "clinic", "hidden": {"x": []}}]),
        ("disabled", ["x"]),
        ("disabled", {}),
        ("errors", {}),
        ("errors", [{"operation": VALID_PERSON}]),
        ("errors", [{"operation": "x", "message": "y"}]),
        ("errors", [{"operation": VALID_PERSON, "message": "\x00"}]),
        ("errors", [{"operation": VALID_PERSON, "message": "y", "raised_by": "z"}]),
        ("errors", [{"operation": VALID_PERSON, "message": "y", "times": -1}]),
        ("errors", [{"operation": VALID_PERSON, "message": "y", "later": 1}]),
        ("finish", "all"),
        ("finish", ["1"]),
    ],
)
def test_a_control_request_that_cannot_be_understood(world, name, body):
    with pytest.raises(InvalidControl):
        world.regix.control(name, body)


def test_a_control_of_another_name(world):
    assert world.regix.control("services", {}) is None


def test_a_question_of_another_operations_form_is_noted(world):
    body = question("CheckResult", "1", "x").replace("<sd:VerificationCode>x</sd:VerificationCode>", "")
    world.regix.answer(world.request(soap11(body), "CheckResult"))
    (refused,) = world.ledger["refusals"]
    assert refused["deviations"] == ("ServiceCheckResultArgument lacks VerificationCode",)
