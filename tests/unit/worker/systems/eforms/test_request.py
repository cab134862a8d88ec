"""The answer that is sent to eForms: order and names of its schema, whatever the event has."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from contracts.eforms.examples import RESPONSE
from contracts.reasons import Reason
from contracts.registry import ContractViolation, validate
from tests.support.systems.eforms.messages import FILES
from worker.systems.eforms.read import request_of
from worker.systems.eforms.request import response_of
from worker.systems.eforms.schemas import Schemas
from worker.systems.port import Refused

EVENT_TYPE = "eforms.response.send.v1"
SCHEMAS = cache(Schemas.load)
LINES = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=40)


def event(**changes):
    data = deepcopy(RESPONSE) | changes
    return validate(
        EVENT_TYPE, {name: one for name, one in data.items() if one is not None}, today=date(2026, 3, 1)
    )


FULL = {
    "requestUri": {**RESPONSE["requestUri"], "issueDate": "2026-03-01"},
    "publicService": {
        **RESPONSE["publicService"],
        "description": "Измислено",
        "languages": [{"code": "BG", "name": "Български"}],
        "status": {"code": "1006-050001", "name": "Активна"},
    },
    "serviceProvider": {
        **RESPONSE["serviceProvider"],
        "administrativeUnits": [{**RESPONSE["serviceProvider"], "preferredLabel": "Измислено отделение"}],
    },
    "specificContent": "0JjQt9C80LjRgdC70LXQvdC+",
    "documents": [
        *RESPONSE["documents"][:1],
        {**RESPONSE["documents"][1], "type": {"code": "1", "name": "Вид"}, "description": "Бележка"},
    ],
}


def test_the_answer_is_the_golden_file(eforms_schemas):
    golden = etree.parse(
        str(FILES / "response.xml"), etree.XMLParser(remove_blank_text=True, remove_comments=True)
    )

    built = etree.fromstring(response_of(event(**FULL), eforms_schemas))

    assert etree.tostring(built, method="c14n") == etree.tostring(golden, method="c14n")


def test_the_golden_file_is_valid_by_the_schema(eforms_schemas):
    assert eforms_schemas.response.problems(etree.parse(str(FILES / "response.xml")).getroot()) == ()


def test_documents_may_be_absent(eforms_schemas):
    built = etree.fromstring(response_of(event(documents=None), eforms_schemas))

    assert [one.tag for one in built] == [
        *("requestURI", "requestDateTime", "publicService", "serviceProvider", "responseDateTime")
    ]


def test_an_uploaded_document_is_named_and_not_inside(eforms_schemas):
    built = etree.fromstring(response_of(event(), eforms_schemas))

    uploaded, inline = built.findall("attachedDocument")
    assert uploaded.findtext("identifier") == "udostoverenie.pdf"
    assert uploaded.find("attached_document") is None
    assert inline.findtext("attached_document") == "0JjQt9C80LjRgdC70LXQvdC+"


def test_a_day_that_does_not_exist_is_refused_by_the_schema(eforms_schemas):
    with pytest.raises(Refused) as refused:
        response_of(event(requestDateTime="2026-02-30T09:30:00"), eforms_schemas)

    assert refused.value.reason is Reason.SCHEMA_VIOLATION
    (problem,) = refused.value.problems
    assert problem.path == "$.data"
    assert "/ServiceRequestResponse/requestDateTime" in problem.message
    assert "2026" not in problem.message


@given(name=LINES, label=LINES, code=LINES)
@settings(max_examples=60, deadline=None)
def test_what_goes_out_is_what_the_event_says(name, label, code):
    """Read back by the reader of requests, whose types the answer shares; the schema takes every line of text."""
    provider = {
        **RESPONSE["serviceProvider"],
        "preferredLabel": label,
        "organizationType": {"code": code, "name": name},
    }
    try:
        data = event(serviceProvider=provider)
    except ContractViolation:
        return  # nothing visible in one of the texts

    read = request_of(etree.fromstring(response_of(data, SCHEMAS())))

    assert read.service_provider.preferred_label == label.strip()
    assert read.service_provider.organization_type.code == code.strip()
    assert read.request_uri.identifier == RESPONSE["requestUri"]["identifier"]
