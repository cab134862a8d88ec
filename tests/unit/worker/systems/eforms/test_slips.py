"""What real requests get wrong: each is published with what it states, and with what is wrong."""

from __future__ import annotations

import pytest

from contracts import notifications
from tests.support.systems.eforms.messages import REQUEST, message, xml_file
from worker.systems.eforms.notice import EVENT_TYPE
from worker.systems.eforms.spelling import IN_NAMESPACE, OTHER_SCRIPT


def notified(reader, content: bytes, **changes):
    notice = reader.notice_of(message(xml_file("request.xml", content), **changes))
    assert notice is not None
    notifications.validate("eforms", EVENT_TYPE, notice.data)
    return notice.data


def moved(xml: str, name: str, before: str) -> str:
    """Put the element of this name (which stands once at the top) before another."""
    start, end = xml.index(f"  <{name}>"), xml.index(f"</{name}>") + len(f"</{name}>") + 1
    rest = xml[:start] + xml[end:]
    place = rest.index(f"  <{before}>")
    return rest[:place] + xml[start:end] + rest[place:]


UNKNOWN = REQUEST.replace("<requestType>", "<novElement>1</novElement><requestType>")
SLIPS = [
    pytest.param(REQUEST, (), id="as-the-schema-has-it"),
    pytest.param(
        REQUEST.replace("validTo>", "validТо>"),
        [("/ServiceRequest/tax/validTo", OTHER_SCRIPT)],
        id="validTo-in-mixed-script",
    ),
    pytest.param(
        REQUEST.replace("validFrom>2026", 'validFrom type="date">2026'),
        [("/ServiceRequest/tax/validFrom/@type", "the schema has no such attribute")],
        id="an-attribute-of-the-platforms-template",
    ),
    pytest.param(
        UNKNOWN,
        [("/ServiceRequest", "novElement is not allowed here: requestType is expected")],
        id="an-unknown-element",
    ),
    pytest.param(
        moved(REQUEST, "requestType", "publicService"),
        [("/ServiceRequest", "requestType is not allowed here: publicService is expected")],
        id="another-order",
    ),
    pytest.param(
        REQUEST.replace("<ServiceRequest>", '<ServiceRequest xmlns="http://example.com/other">'),
        [("/ServiceRequest", IN_NAMESPACE)],
        id="a-namespace",
    ),
    pytest.param(
        REQUEST.replace("<familyName>Измислена</familyName>", "", 1),
        [("/ServiceRequest/applicant/person", "gender is not allowed here: familyName is expected")],
        id="left-out-because-it-was-empty",
    ),
    pytest.param(
        REQUEST.replace(
            "<requestType>", "<requestType><code>0006-000121</code><name>x</name></requestType><requestType>"
        ),
        [("/ServiceRequest", "requestType is not allowed here: resultChannel is expected")],
        id="twice",
    ),
    pytest.param(
        REQUEST.replace("<firstName>Радка<", "<firstName>Radka<", 1),
        [("/ServiceRequest/applicant/person/firstName", "must match the pattern")],
        id="a-name-in-latin-letters",
    ),
    pytest.param(
        REQUEST.replace("<dataProcessingAgreement>true<", "<dataProcessingAgreement>да<"),
        [("/ServiceRequest/dataProcessingAgreement", "must be of the type")],
        id="yes-in-words",
    ),
    pytest.param(
        REQUEST.replace("2026-03-01T09:30:00<", "01.03.2026 09:30<"),
        [("/ServiceRequest/requestDateTime", "must be of the type")],
        id="a-date-as-people-write-it",
    ),
    pytest.param(
        REQUEST.replace("0JjQt9C80LjRgdC70LXQvdC+", "не е base64"),
        [("/ServiceRequest/attachedDocument[2]/attached_document", "must be of the type")],
        id="no-base64",
    ),
]


@pytest.mark.parametrize(("xml", "wrong"), SLIPS)
def test_a_slip_is_reported_and_refuses_nothing(reader, xml, wrong):
    data = notified(reader, xml.encode())

    problems = data.get("problems", [])
    assert len(problems) == len(wrong)
    for problem, (path, rule) in zip(problems, wrong, strict=True):
        assert problem["path"] == path
        assert problem["rule"].startswith(rule)
    assert data["request"]["requestUri"]["identifier"] == "3f0c2a5e-6b1d-4c57-9a41-0d2b8f6e7a10"
    assert data["request"]["requestType"]["code"] == "0006-000121"
    assert data["request"]["tax"]["validTo"] == "2026-12-31"
    assert data["request"]["applicant"]["person"]["identifier"]["identifier"] == "7223154154"


@pytest.mark.parametrize(("encoding", "declared"), [("utf-16", "utf-16"), ("cp1251", "windows-1251")])
def test_other_encodings_are_read(reader, encoding, declared):
    content = REQUEST.replace("UTF-8", declared).encode(encoding)

    assert notified(reader, content)["request"]["serviceProvider"]["preferredLabel"] == "Измислена болница"


def test_no_value_of_the_request_stands_in_a_problem(reader):
    wrong = REQUEST.replace("<identifier>7223154154", "<identifier>7223154154<x/>").replace(
        "Радка", "Radka-Тайна1"
    )

    problems = notified(reader, wrong.encode())["problems"]

    assert problems
    assert not any("Тайна" in str(one) or "7223154154" in str(one) for one in problems)
