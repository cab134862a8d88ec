"""RegiX's calls: only number and code count, and nothing else in them is believed."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.support.systems.regix.answers import (
    CODE,
    NOTHING,
    RESPONSE,
    SOAP_11,
    SOAP_12,
    data,
    enveloped,
    executed,
    failed,
    result,
)
from tests.support.systems.regix.system import attempt, event, system
from worker.systems.calls import Call, CallRefused, Ready, ReceivesCalls

TEXT = "text/xml; charset=utf-8"


def calling(content: str, soap: str = SOAP_11) -> bytes:
    body = f'<ExecuteCallback xmlns="http://egov.bg/RegiX"><request>{content}</request></ExecuteCallback>'
    return enveloped(body, soap).encode()


def call(body: bytes = b"", *, method="POST", path="", kind=TEXT) -> Call:
    return Call(method, path, "", {"content-type": kind}, body, "192.0.2.1")


@pytest.fixture(scope="module")
def regix():
    return system()


async def test_a_call_names_the_request_that_the_first_answer_named(regix):
    submission = event(asynchronous=True)
    prepared = await regix.prepare(submission, attempt())
    taken = regix.interpret(submission, prepared, executed(result(NOTHING, ready="false", code=CODE)))

    assert await regix.receive(call(calling(result(code=CODE)))) == Ready(taken.ready)


@pytest.mark.parametrize(
    "content",
    [
        result(code=CODE),
        result(code=f" {CODE}\n"),
        result(code=CODE, call_id="1024.0"),
        result(code=CODE, call_id="01024"),
        # The result itself decides nothing: not an error, and not whose report it is.
        result(failed("Access denied!") and NOTHING, has_error="true", error="Access denied!", code=CODE),
        result(data(response=RESPONSE * 2), code=CODE),
        result(NOTHING, ready="false", code=CODE),
    ],
)
@pytest.mark.parametrize("soap", [SOAP_11, SOAP_12])
async def test_the_same_number_and_code_are_the_same_notice(regix, content, soap):
    received = await regix.receive(call(calling(content, soap)))
    assert received == Ready('["1024", "1024.c2VjcmV0LWNvZGU="]')


async def test_a_large_call_is_read_as_a_small_one(regix):
    large = result(data(response=f"<a xmlns='urn:a'>{'x' * 100_000}</a>"), code=CODE)
    assert isinstance(await regix.receive(call(calling(large))), Ready)


REFUSED = [
    ("GET", call(calling(result(code=CODE)), method="GET"), 405),
    ("a path", call(calling(result(code=CODE)), path="other"), 404),
    ("no code", call(calling(result())), 401),
    ("an empty code", call(calling(result(code=" "))), 401),
    ("no number", call(calling(result(call_id="0", code=CODE))), 401),
    ("a negative number", call(calling(result(call_id="-5", code=CODE))), 401),
    ("an endless number", call(calling(result(call_id="1e999999", code=CODE))), 401),
    ("no number at all", call(calling(result(call_id="NaN", code=CODE))), 401),
    ("nothing", call(), 400),
    ("no SOAP", call(result(code=CODE).encode()), 400),
    ("another message", call(enveloped("<other/>").encode()), 400),
    ("two results", call(calling(result(code=CODE) * 2)), 400),
    (
        "two codes",
        call(
            calling(
                result(code=CODE).replace(
                    "</ServiceResultData>", "<VerificationCode>x</VerificationCode></ServiceResultData>"
                )
            )
        ),
        400,
    ),
    ("a DTD", call(b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + calling(result(code=CODE))), 400),
    ("no XML", call(b"\xff\xfe\x00"), 400),
]


@pytest.mark.parametrize(("given", "status"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
async def test_other_calls_are_refused(regix, given, status):
    received = await regix.receive(given)

    assert isinstance(received, CallRefused)
    assert received.status == status
    assert CODE not in received.reason


@pytest.mark.parametrize(("kind", "soap"), [(TEXT, SOAP_11), ("application/soap+xml", SOAP_12)])
def test_after_a_call_regix_keeps_the_result(regix, kind, soap):
    given = regix.receipt(call(calling(result(code=CODE)), kind=kind))

    assert given.status == 500
    assert given.content_type.startswith(kind.partition(";")[0])
    (fault,) = etree.fromstring(given.body).iter(f"{{{soap}}}Fault")
    assert "CheckResult" in "".join(fault.itertext())


def test_an_installation_may_answer_with_success():
    given = system(callback_answer="success").receipt(call(calling(result(code=CODE))))

    assert given.status == 200
    (content,) = etree.fromstring(given.body)[0]
    assert content.tag == "{http://egov.bg/RegiX}ExecuteCallbackResponse"
    assert not list(content)


@pytest.mark.parametrize(
    ("status", "code"), [(400, "Client"), (401, "Client"), (413, "Client"), (503, "Server")]
)
def test_a_refusal_says_nothing_of_why(regix, status, code):
    given = regix.refusal(call(b"<x/>"), status)

    assert given.status == status
    root = etree.fromstring(given.body)
    assert root.findtext(".//faultcode") == f"s:{code}"
    assert root.findtext(".//faultstring") == "The call was not taken."


def test_the_system_has_the_port_for_calls(regix):
    assert isinstance(regix, ReceivesCalls)
