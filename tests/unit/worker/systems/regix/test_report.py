"""The report field by field: what is given, what is empty, what is absent, and what the certificate may not see."""

from __future__ import annotations

import pytest

from contracts.regix.results import ReportAnswer
from tests.support.systems.regix.answers import MATRIX, NO_MATRIX, XSI, data, executed, result
from tests.support.systems.regix.system import attempt, event, system
from worker.systems.regix import report


@pytest.fixture(scope="module")
def regix():
    return system()


async def told(regix, response, matrix=NO_MATRIX):
    submission = event()
    prepared = await regix.prepare(submission, attempt())
    found = dict(
        regix.interpret(submission, prepared, executed(result(data(response=response, matrix=matrix)))).data
    )
    ReportAnswer.model_validate(found, by_alias=True, by_name=False)
    return found


def states(found):
    return {one["name"]: (one["state"], one.get("value")) for one in found["fields"]}


def property_of(name, access="true"):
    return f"<Property><HasAccess>{access}</HasAccess><Name>{name}</Name></Property>"


def matrix_of(*properties):
    return MATRIX[: MATRIX.index("<Property>")] + "".join(properties) + "</Properties></Matrix>"


NESTED = (
    '<R xmlns="urn:r"><Names><First>A</First><Sur/></Names><Doc><No>1</No></Doc><Doc><No>2</No></Doc>'
    "<Nil xsi:nil='true'/><Blank>  </Blank><Many xml:space='preserve'> a\n b </Many></R>"
)


async def test_fields_are_told_by_the_paths_of_the_matrix(regix):
    matrix = matrix_of(
        property_of("Names"),
        property_of("Names.First"),
        property_of("Names.Family", "false"),
        property_of("Doc"),
        property_of("Doc.No"),
        property_of("Address"),
        property_of("Address.City", "false"),
        property_of("Nil"),
    )
    found = await told(regix, NESTED, matrix)

    assert [(one["name"], one["state"], one.get("value")) for one in found["fields"]] == [
        ("Names.First", "given", "A"),
        ("Names.Sur", "empty", None),
        ("Doc.No", "given", "1"),
        ("Doc.No", "given", "2"),
        ("Nil", "empty", None),
        ("Blank", "empty", None),
        ("Many", "given", "a\n b"),
        ("Names.Family", "no-access", None),
        ("Address", "absent", None),
        ("Address.City", "no-access", None),
    ]


async def test_without_a_matrix_nothing_is_said_of_what_is_absent(regix):
    found = await told(regix, NESTED)

    assert found["accessMatrix"] is None
    assert {state for state, _ in states(found).values()} == {"given", "empty"}


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ("<Matrix/>", {"name": None, "hasAccess": None, "properties": []}),
        (
            matrix_of(property_of("A"), property_of("B", "maybe"), property_of(""), "<Property/>"),
            {
                "name": "ValidPersonResponseType",
                "hasAccess": True,
                "properties": [{"name": "A", "hasAccess": True}],
            },
        ),
    ],
)
async def test_what_cannot_be_read_of_a_matrix_is_left_out(regix, matrix, expected):
    assert (await told(regix, NESTED, matrix))["accessMatrix"] == expected


async def test_the_report_is_a_document_of_its_own(regix):
    found = await told(regix, '<p:R xmlns:p="urn:r" xmlns:unused="urn:u"><p:A/></p:R>')

    assert found["report"] == {
        "namespace": "urn:r",
        "name": "R",
        "xml": '<p:R xmlns:p="urn:r"><p:A/></p:R>',
    }
    assert XSI.split(" ")[0] not in found["report"]["xml"]
    assert (await told(regix, '<R xmlns=""/>'))["report"]["namespace"] is None


async def test_a_large_report_is_in_the_answer_alone(regix, monkeypatch):
    monkeypatch.setattr(report, "LARGEST_ANSWER", 100)
    found = await told(regix, NESTED, MATRIX)

    assert (found["report"], found["fields"]) == (None, None)
    assert found["accessMatrix"] is not None
    assert found["bytes"] > 100


async def test_very_many_fields_are_not_told_one_by_one(regix, monkeypatch):
    monkeypatch.setattr(report, "MOST_FIELDS", 3)
    found = await told(regix, NESTED)

    assert found["fields"] is None
    assert found["report"]["name"] == "R"


async def test_a_deep_report(regix):
    depth = 150
    found = await told(regix, "<a xmlns='urn:a'>" + "<a>" * depth + "x" + "</a>" * depth + "</a>")
    assert states(found) == {".".join("a" * depth): ("given", "x")}


async def test_an_answer_of_25_megabytes_is_read(regix):
    document = "A" * (24 * 1024 * 1024)
    found = await told(regix, f"<R xmlns='urn:r'><Document>{document}</Document></R>")

    assert found["report"] is None
    assert found["bytes"] > len(document)
