"""From events to requests: what is refused before anything is sent, and the addresses of reads."""

from __future__ import annotations

import pytest

from contracts.reasons import Reason
from tests.support.contract_events import submission
from tests.support.systems.peu.service import UPDATE, invented
from worker.systems.peu.request import message_of, register_query
from worker.systems.port import Refused


def refused(service, **data):
    event = submission("peu.service.call.v1", {"operation": "UpdateService", "arguments": UPDATE, **data})
    with pytest.raises(Refused) as refusal:
        message_of(service, event.data)
    (problem,) = refusal.value.problems
    return refusal.value.reason, problem


def test_without_a_wsdl_the_sentence_says_what_is_missing():
    reason, problem = refused(None)
    assert (reason, problem.path) == (Reason.CONFIGURATION, "$.type")
    assert "systems.peu.wsdl_file" in problem.message


def test_an_unknown_operation_is_told_those_that_there_are():
    reason, problem = refused(invented(), operation="DropAll")
    assert (reason, problem.path) == (Reason.CONTRACT_VIOLATION, "$.data.operation")
    assert problem.message == "Name an operation of the operator's WSDL: FindServices, UpdateService."


def test_an_argument_is_named_by_its_json_path():
    reason, problem = refused(
        invented(), arguments={"service": {"number": 1, "title": "x", "supplier": "7223154154"}}
    )
    assert (reason, problem.path) == (Reason.SCHEMA_VIOLATION, "$.data.arguments.service.supplier")
    assert "7223154154" not in problem.message


@pytest.mark.parametrize(
    ("event_type", "data", "query"),
    [
        ("peu.supplier.list.v1", {}, "provider/suppliers?format=json"),
        ("peu.supplier.read.v1", {"code": "A&b/1"}, "provider/get-supplier?code=A%26b%2F1&format=json"),
        (
            "peu.public-service.list.v1",
            {"supplierEik": "000000000"},
            "provider/service?supplierEIK=000000000&format=json",
        ),
        ("peu.public-service.read.v1", {"number": "2070"}, "provider/get-service?number=2070&format=json"),
    ],
)
def test_the_addresses_of_reads(event_type, data, query):
    assert register_query(submission(event_type, data).data) == query
