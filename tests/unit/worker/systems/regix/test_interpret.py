"""What answers mean: the rule by rule, with hostile ones among them."""

from __future__ import annotations

import pytest

from contracts.reasons import Reason
from tests.support.systems.regix.answers import (
    CALL_ID,
    CODE,
    EGN,
    NO_MATRIX,
    NOTHING,
    REQUEST,
    RESPONSE,
    SOAP_12,
    TAKEN,
    XML,
    answer,
    checked,
    data,
    enveloped,
    executed,
    failed,
    fault,
    response_to,
    result,
)
from tests.support.systems.regix.system import KEY, attempt, event, system
from worker.outcome import Accepted, Blocked, Rejected, Retry, Taken, Unknown
from worker.systems.regix.certificates import thumbprint

OTHER = REQUEST.replace(EGN, "7223154155")
OPERATION = (
    "Element request.Operation is invalid. Check for correct operation names here: http://regix.example/"
)
DETAIL = (
    '<ExceptionDetail xmlns="http://schemas.datacontract.org/2004/07/System.ServiceModel"><InnerException>'
    "<Message>Operation with name:'Nothing' could not be found!</Message></InnerException>"
    "<Message>Exception has been thrown by the target of an invocation.</Message></ExceptionDetail>"
)
TYPED = (
    '<ExceptionDetail xmlns="http://schemas.datacontract.org/2004/07/System.ServiceModel">'
    "<Message></Message><Type>{}</Type></ExceptionDetail>"
)
NO_ARGUMENT = (
    "Element request.Argument is required and it must contain XML content\r\nParameter name: Argument"
)
UNFIT = answer(fault("", detail=TYPED.format("System.ArgumentException")), 500)
TWICE = result().replace("<HasError>false</HasError>", "<HasError>false</HasError><HasError>false</HasError>")
BOMB = '<!DOCTYPE s:Envelope [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>' + enveloped(
    "<a>&b;</a>"
)

READ = [
    ("a report", executed(result()), Accepted, None),
    ("a report without a matrix", executed(result(data(matrix=NO_MATRIX))), Accepted, None),
    ("a report without a request", executed(result(data(request=""))), Accepted, None),
    ("a report in SOAP 1.2", answer(response_to("Execute", result(), SOAP_12)), Accepted, None),
    ("a report with an empty Error", executed(result(error="")), Accepted, None),
    ("a report in UTF-16", answer(response_to("Execute", result()).encode("utf-16")), Accepted, None),
    ("taken", executed(TAKEN), Taken, None),
    ("taken in SOAP 1.2", answer(response_to("Execute", TAKEN, SOAP_12)), Taken, None),
    ("not ready without a code", executed(result(NOTHING, ready="false")), Blocked, "unexpected-message"),
    (
        "not ready without a number",
        executed(result(NOTHING, ready="false", call_id="0", code=CODE)),
        Blocked,
        "unexpected-message",
    ),
    (
        "an unknown certificate",
        executed(failed("Access denied! ConsumerCertificate is not found.")),
        Blocked,
        "access-denied",
    ),
    (
        "an inactive certificate",
        executed(failed("Access denied! ConsumerCertificate is not active")),
        Blocked,
        "access-denied",
    ),
    ("no access", executed(failed("Access denied!")), Blocked, "access-denied"),
    ("switched off", executed(failed("Service is disabled!")), Blocked, "not-found"),
    ("an unknown operation", answer(fault(OPERATION), 500), Blocked, "not-found"),
    ("an unknown method, in the detail", answer(fault("x", detail=DETAIL), 500), Blocked, "not-found"),
    (
        "no argument",
        answer(fault(NO_ARGUMENT), 500),
        Rejected,
        None,
    ),
    ("an argument of another type", UNFIT, Rejected, None),
    ("a fault without a word", answer(fault(""), 500), Unknown, "server-error"),
    (
        "a fault without a word, of another type",
        answer(fault("", detail=TYPED.format("System.Exception")), 500),
        Unknown,
        "server-error",
    ),
    ("a register that says RegiX's words", executed(failed("Access denied!", ready="true")), Rejected, None),
    (
        "a wrong argument",
        answer(fault("Invalid XML content in Request.Argument against an XSD Schema. Check"), 500),
        Rejected,
        None,
    ),
    ("a wrong action", answer(fault("no", "a:ActionNotSupported"), 500), Blocked, "configuration"),
    ("another fault", answer(fault("Object reference not set"), 500), Unknown, "server-error"),
    ("another fault, with 200", answer(fault("Object reference not set")), Unknown, "server-error"),
    ("a register's error", executed(failed("Няма данни за лицето", ready="true")), Rejected, None),
    ("an error of the core", executed(failed("Error occurred! Value cannot be null.")), Rejected, None),
    ("an error without a sentence", executed(result(NOTHING, has_error="true")), Rejected, None),
    (
        "a register that does not answer",
        executed(failed("Error occurred! The operation has timed out")),
        Retry,
        "register-unavailable",
    ),
    (
        "a register without an endpoint",
        executed(failed("There was no endpoint listening at net.tcp://10.0.0.1", ready="true")),
        Retry,
        "register-unavailable",
    ),
    # Hostile or broken: none is a success.
    ("an error beside a report", executed(result(has_error="true", error="no")), Rejected, None),
    ("a sentence, and no error", executed(result(error="Access denied!")), Rejected, None),
    ("another person's report", executed(result(data(request=OTHER))), Blocked, "unexpected-message"),
    (
        "another operation's report",
        executed(result(data(request='<PersonDataRequest xmlns="urn:x"/>'))),
        Blocked,
        "unexpected-message",
    ),
    ("no response in it", executed(result(data(response=""))), Blocked, "unexpected-message"),
    ("two responses in it", executed(result(data(response=RESPONSE * 2))), Blocked, "unexpected-message"),
    ("no data", executed(result("")), Blocked, "unexpected-message"),
    ("nil data", executed(result(NOTHING)), Blocked, "unexpected-message"),
    ("neither ready nor not", executed(result(ready="perhaps")), Blocked, "unexpected-message"),
    ("no word of errors", executed(result(has_error="")), Blocked, "unexpected-message"),
    ("HasError twice", executed(TWICE), Unknown, "unreadable-answer"),
    ("two results", executed(result() * 2), Unknown, "unreadable-answer"),
    ("two Bodies' content", answer(enveloped("<a/><b/>")), Unknown, "unreadable-answer"),
    ("an answer to CheckResult", checked(result()), Blocked, "unexpected-message"),
    ("an empty answer", answer(response_to("Execute", "")), Blocked, "unexpected-message"),
    ("the request itself", answer(enveloped('<Execute xmlns="http://egov.bg/RegiX"/>')), Unknown, None),
    ("a report outside of SOAP", answer(result()), Unknown, "unreadable-answer"),
    ("HTML", answer("<html><body>OK</body></html>"), Unknown, "unreadable-answer"),
    ("nothing", answer(b""), Unknown, "unreadable-answer"),
    ("no XML", answer(b"\x00\xff\xfe"), Unknown, "unreadable-answer"),
    ("a bomb", answer(BOMB), Unknown, "unreadable-answer"),
    ("a deep one", answer(enveloped("<a>" * 300 + "</a>" * 300)), Unknown, "unreadable-answer"),
    ("cut off", answer(response_to("Execute", result())[:-40]), Unknown, "unreadable-answer"),
    (
        "too long",
        answer(response_to("Execute", result()), truncated=True),
        Blocked,
        "unreadable-answer",
    ),
    ("201 with a report", answer(response_to("Execute", result()), 201), Unknown, "unexpected-message"),
    ("500 with a report", answer(response_to("Execute", result()), 500), Unknown, "server-error"),
    ("401", answer(b"", 401), Blocked, "access-denied"),
    ("403 with HTML", answer("<html>403.16</html>", 403), Blocked, "access-denied"),
    ("404", answer(b"", 404), Blocked, "not-found"),
    ("413", answer(b"", 413), Blocked, "request-too-large"),
    ("302", answer(b"", 302), Blocked, "configuration"),
    ("400", answer(b"", 400), Blocked, "configuration"),
    ("429", answer(b"", 429, {**XML, "retry-after": "7"}), Retry, "too-many-requests"),
    ("500", answer(b"", 500), Unknown, "server-error"),
    ("503", answer(b"", 503), Unknown, "unavailable"),
]


@pytest.fixture(scope="module")
def regix():
    return system()


async def outcome_of(regix, submission, given):
    prepared = await regix.prepare(submission, attempt())
    return regix.interpret(submission, prepared, given)


@pytest.mark.parametrize(("given", "kind", "reason"), [row[1:] for row in READ], ids=[row[0] for row in READ])
async def test_a_report_that_only_reads(regix, given, kind, reason):
    outcome = await outcome_of(regix, event(), given)

    assert type(outcome) is kind, outcome
    if reason is not None:
        assert outcome.reason == reason
    if kind is Unknown:
        assert EGN not in outcome.detail


WRITTEN = [
    ("a report", executed(result(data(request=""))), Accepted),
    ("taken", executed(TAKEN), Taken),
    ("no access", executed(failed("Access denied!")), Blocked),
    ("switched off", executed(failed("Service is disabled!")), Blocked),
    ("an unknown operation", answer(fault(OPERATION), 500), Blocked),
    ("a wrong argument", answer(fault("Element request.Argument is required"), 500), Rejected),
    ("the register's own refusal", executed(failed("Вече е подадено", ready="true")), Rejected),
    (
        "the register's refusal in RegiX's words",
        executed(failed("Wrong verification code", ready="true")),
        Rejected,
    ),
    ("a fault without a word", UNFIT, Unknown),
    # The register may have processed it before any of these.
    ("an error of the core", executed(failed("Error occurred! Value cannot be null.")), Unknown),
    ("a register that does not answer", executed(failed("timed out", ready="true")), Unknown),
    ("an error without a sentence", executed(result(NOTHING, ready="false", has_error="true")), Unknown),
    ("another fault", answer(fault("Object reference not set"), 500), Unknown),
    ("another fault with 400", answer(fault("Object reference not set"), 400), Unknown),
    ("too long", answer(b"<a/>", truncated=True), Unknown),
    ("503", answer(b"", 503), Unknown),
    ("429", answer(b"", 429), Retry),
    ("403", answer(b"", 403), Blocked),
    ("an answer to CheckResult", checked(result(data(request=""))), Unknown),
    ("neither ready nor not", executed(result(data(request=""), ready="perhaps")), Unknown),
    ("another request's report", executed(result(data(request="<b xmlns='urn:b'/>"))), Unknown),
    ("not ready without a code", executed(result(NOTHING, ready="false")), Unknown),
]


@pytest.mark.parametrize(("given", "kind"), [row[1:] for row in WRITTEN], ids=[row[0] for row in WRITTEN])
async def test_a_request_that_writes(regix, given, kind):
    submission = event(operation="SendPaymentNotification", argument=None, xml="<a xmlns='urn:a'/>")
    assert type(await outcome_of(regix, submission, given)) is kind


async def test_who_has_no_access_is_named_by_thumbprint_and_subject(regix):
    outcome = await outcome_of(regix, event(), executed(failed("Access denied!")))

    assert thumbprint(KEY.known.certificate) in outcome.detail
    assert "CN=regix-client.hospital.example" in outcome.detail
    assert [error.reason for error in outcome.errors] == ["Access denied!"]


async def test_what_was_taken_can_be_asked_for(regix):
    outcome = await outcome_of(regix, event(asynchronous=True), executed(TAKEN))

    assert outcome.call == {"call_id": CALL_ID, "verification_code": CODE}
    assert outcome.reference == CALL_ID
    assert CODE not in repr(outcome)


@pytest.mark.parametrize(("means", "kind"), [("rejected", Rejected), ("retry", Retry), ("blocked", Blocked)])
async def test_the_settings_say_what_a_registers_error_means(means, kind):
    table = [{"says": "(?i)^договор", "means": means}, {"says": "договор", "means": "rejected"}]
    made = system(register_errors=table)
    given = executed(failed("Договор липсва", ready="true"))

    assert type(await outcome_of(made, event(), given)) is kind
    # A row that is left out no longer counts.
    assert type(await outcome_of(made, event(), executed(failed("timed out")))) is Rejected


async def test_the_echo_counts_only_where_the_settings_say_so():
    given = executed(result(data(request=OTHER)))
    assert type(await outcome_of(system(check_echo=False), event(), given)) is Accepted


async def test_of_the_operators_own_xml_the_root_must_be_repeated(regix):
    own = event(operation="GetActualState", argument=None, xml="<A xmlns='urn:a'><B>01.50</B></A>")
    rewritten = executed(result(data(request="<A xmlns='urn:a'><B>1.5</B></A>")))
    other = executed(result(data(request="<A xmlns='urn:b'><B>01.50</B></A>")))

    assert type(await outcome_of(regix, own, rewritten)) is Accepted
    assert type(await outcome_of(regix, own, other)) is Blocked


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("2025-03-14", Accepted),
        ("2025-03-14T00:00:00", Accepted),
        ("2025-03-14T00:00:00.000+02:00", Accepted),
        ("2025-03-14Z", Accepted),
        ("2025-03-15", Blocked),
        ("2025-03-14T01:00:00", Blocked),
    ],
)
async def test_a_day_may_be_repeated_in_another_form(regix, written, kind):
    asked = event(operation="PermanentAddressSearch", argument={"egn": EGN, "searchDate": "2025-03-14"})
    name = "http://egov.bg/RegiX/GRAO/PNA/PermanentAddressRequest"
    repeated = f'<PermanentAddressRequest xmlns="{name}"><EGN>{EGN}</EGN><SearchDate>{written}</SearchDate>'
    given = executed(result(data(request=f"{repeated}</PermanentAddressRequest>")))
    assert type(await outcome_of(regix, asked, given)) is kind


async def test_an_operators_entry_decides_whether_it_writes():
    operation = "TechnoLogica.RegiX.GraoNBDAdapter.APIService.INBDAPI.ValidPersonSearch"
    made = system(operations={"ValidPersonSearch": {"operation": operation, "writes": True}})
    given = executed(failed("Error occurred! timed out"))

    outcome = await outcome_of(made, event(), given)
    assert type(outcome) is Unknown
    assert outcome.reason is Reason.REGISTER_UNAVAILABLE
