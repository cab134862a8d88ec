"""Any event that passes contract and catalogue makes a right request; any other is told all that is wrong with it."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reasons import Reason
from contracts.registry import ContractViolation
from tests.support.systems.nhif.requests import TEXT, any_time, asked, checked, refused
from worker.systems.nhif.request import request_of
from worker.systems.port import Refused

WELL = {
    "practice": st.from_regex("[0-9]{10}", fullmatch=True),
    "fromDate": st.dates().map(date.isoformat),
    "count": st.integers(-(10**18) + 1, 10**18 - 1) | st.integers(0, 99).map(float),
    # Down to where its decimal text still fits into a part of an address.
    "share": st.floats(-1e17, 1e17).filter(lambda value: value == 0 or abs(value) > 1e-200)
    | st.integers(-(10**17), 10**17),
    "whole": st.booleans(),
}
OPTIONAL = {"note": TEXT.filter(lambda text: text not in {".", ".."}), "page": st.integers(0, 99)}
ILL = {
    "practice": st.sampled_from(["123", "12345678901", "123456789/", "١٢٣٤٥٦٧٨٩٠x", 1234567890, True, None]),
    "fromDate": st.sampled_from(["2025-02-30", "2025-2-3", "20250203", "2025-02-03T00:01", 20250203, True]),
    "count": st.sampled_from(["1", 1.5, True, 10**18, -(10**18), 1e18]),
    "share": st.sampled_from(["1.5", True, 10**18, 1e300, 1e-300]),
    "whole": st.sampled_from(["true", 1, 0, "x"]),
    "note": st.sampled_from(["x" * 21, 5, False]),
    "page": st.sampled_from(["1", 0.5, True]),
}


@st.composite
def parameters(draw):
    given = draw(st.fixed_dictionaries(WELL))
    for name, values in OPTIONAL.items():
        if not draw(st.booleans()):
            break
        given[name] = draw(values)
    shuffled = draw(st.permutations(sorted(given)))
    return {name: given[name] for name in shuffled}


@given(parameters())
@any_time
def test_the_address_leads_back_to_the_parameters(catalogue, given):
    request = request_of(catalogue, asked("REPORT", parameters=given))
    assert request.path.isascii()
    assert not {"?", "#", "\\", " ", ";"} & set(request.path)
    first, *parts = request.path.removeprefix("/").split("/")
    read = [unquote(part, errors="strict") for part in parts]
    assert (first, read[:3]) == ("api", ["m", "v1", "REPORT"])
    assert not {"", ".", ".."} & {*parts, *read}
    written = dict(
        zip(("practice", "fromDate", "count", "share", "whole", "note", "page"), read[3:], strict=False)
    )
    assert set(written) == set(given)
    assert (written["practice"], written["fromDate"]) == (given["practice"], given["fromDate"])
    assert (int(written["count"]), float(Decimal(written["share"]))) == (
        given["count"],
        float(given["share"]),
    )
    assert written["whole"] == json.dumps(given["whole"])
    assert written.get("note") == given.get("note")
    assert "e" not in written["share"].lower()


def test_one_number_and_one_day_have_one_address(catalogue):
    one = {"practice": "2201000001", "fromDate": "2025-03-01", "count": 1, "share": 2, "whole": True}
    other = one | {"fromDate": "2025-03-01T00:00:00Z", "count": 1.0, "share": 2.0}
    paths = {request_of(catalogue, asked("REPORT", parameters=given)).path for given in (one, other)}
    assert paths == {"/api/m/v1/REPORT/2201000001/2025-03-01/1/2/true"}


@given(parameters(), st.sets(st.sampled_from(sorted(ILL))), st.data())
@any_time
def test_every_parameter_that_is_wrong_is_reported(catalogue, given, wrong, data):
    wrong &= set(given)
    for name in wrong:
        given[name] = data.draw(ILL[name])
    if wrong:
        reason, told = refused(catalogue, "REPORT", parameters=given)
        assert reason == Reason.CONTRACT_VIOLATION
        assert {path for path, _ in told} == {f"parameters.{name}" for name in wrong}
    else:
        request_of(catalogue, asked("REPORT", parameters=given))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"fromDate": None, "count": None}, [("fromDate", "required"), ("count", "required")]),
        ({"page": 1}, [("note", "required")]),
        ({"surname": "x", "P7223154154": "x"}, [("surname", "unknown-field"), ("?", "unknown-field")]),
    ],
)
def test_parameters_that_are_missing_or_too_many(catalogue, changes, expected):
    well = {"practice": "2201000001", "fromDate": "2025-03-01", "count": 1, "share": 0.5, "whole": True}
    _, told = refused(catalogue, "REPORT", parameters={**well, **changes})
    assert told == [(f"parameters.{name}", rule) for name, rule in expected]


def test_a_service_without_parameters(catalogue):
    assert request_of(catalogue, asked("LIST", parameters=None)).path == "/api/m/v1/LIST"
    assert refused(catalogue, "LIST", parameters={"a": 1})[1] == [("parameters.a", "unknown-field")]


def test_what_is_hostile_stays_one_part(catalogue):
    well = {"practice": "2201000001", "fromDate": "2025-03-01", "count": 1, "share": 0.5, "whole": True}
    request = request_of(catalogue, asked("REPORT", parameters={**well, "note": "../a?b#c%2f;d\\е"}))
    assert request.path.endswith("/true/..%2Fa%3Fb%23c%252f%3Bd%5C%D0%B5")


def test_a_service_that_the_catalogue_lacks(catalogue):
    reason, told = refused(catalogue, "NONE", json={})
    assert (reason, told) == (Reason.UNKNOWN_CODE, [("service", "known-service")])


def test_a_service_of_the_other_method(catalogue):
    for service, data in (("LIST", {"json": {}}), ("ANY", {"parameters": {}})):
        reason, told = refused(catalogue, service, **data)
        assert (reason, told) == (Reason.CONTRACT_VIOLATION, [("service", "service-method")])


def test_problems_never_quote_the_document(catalogue):
    secret = "7223154154"
    for service, body in (
        ("JSON", {"json": {secret: secret, "invented": secret, "rows": [{"code": secret}, secret]}}),
        ("XML", {"xml": f'<invented xmlns="urn:invented"><count>{secret}x</count></invented>'}),
        ("REPORT", {"parameters": {"practice": secret + "1", "P" + secret: secret, "fromDate": secret}}),
    ):
        with pytest.raises(Refused) as refusal:
            checked(catalogue, service, **body)
        assert secret not in repr(refusal.value.problems) + str(refusal.value)
        assert refusal.value.__context__ is None or refusal.value.__suppress_context__


def test_a_request_shows_nothing_of_a_patient(catalogue):
    request = request_of(catalogue, asked("ANY", json={"invented": "7223154154"}))
    assert "7223154154" not in repr(request)


def test_the_contract_comes_first():
    with pytest.raises(ContractViolation):
        asked("ANY", json={}, xml="<a/>")


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({"practice": "1", "page": 2}, "/api/m/v1/QUERY/1?page=2"),
        (
            {"note": "a&b=c#d?е /", "page": 2, "practice": "a/b", "fromDate": "2025-03-01"},
            "/api/m/v1/QUERY/a%2Fb?fromDate=2025-03-01&page=2&note=a%26b%3Dc%23d%3F%D0%B5%20%2F",
        ),
        ({"practice": "1", "page": 2, "note": "x"}, "/api/m/v1/QUERY/1?page=2&note=x"),
    ],
)
def test_parameters_of_the_query_stand_there_in_the_catalogues_order(catalogue, given, address):
    assert request_of(catalogue, asked("QUERY", parameters=given)).path == address


def test_parameters_of_the_query_are_checked_as_those_of_the_path(catalogue):
    assert refused(catalogue, "QUERY", parameters={"fromDate": "2025-02-30", "x": 1})[1] == [
        ("parameters.x", "unknown-field"),
        ("parameters.practice", "required"),
        ("parameters.fromDate", "type"),
        ("parameters.page", "required"),
    ]
