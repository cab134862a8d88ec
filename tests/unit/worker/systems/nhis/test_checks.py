"""Codes are checked against what was pulled; what was not pulled is noticed once."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from contracts.nhis.codes import codes_of
from tests.support.contract_events import submission
from worker.systems.nhis.checks import CodeCheck
from worker.systems.port import CodeList

PULLED = datetime(2026, 2, 27, 4, 30, tzinfo=UTC)
REGISTER = "nhis.immunization.register.v1"


class Lists(dict):
    def add(self, list_id, *codes, **described):
        known = {code: {} for code in codes} | described
        self[list_id] = CodeList(list_id, "a list", PULLED, known)
        return self


def all_of(data) -> Lists:
    """Return lists that hold every code of the event, the lot not among them."""
    lists = Lists()
    for use in codes_of(data):
        if use.list_id != "C004":
            lists.add(use.list_id, use.value)
    return lists


@pytest.fixture
def data():
    return submission(REGISTER).data


def lots(lists, *numbers, vaccine="2998"):
    described = {f"{vaccine}|{number}": {"vaccineCode": vaccine, "lotNumber": number} for number in numbers}
    lists["C004"] = CodeList("C004", "vaccine lots", PULLED, described)
    return lists


def test_known_codes_pass(data):
    assert CodeCheck(lots(all_of(data), "AHBVC123"), lots=True).problems(data) == []


def test_an_unknown_code_is_refused_with_the_lists_name_and_date(data):
    (problem,) = CodeCheck(all_of(data).add("CL037", "17"), lots=False).problems(data)
    assert problem.path == "$.data.immunization.vaccineCode"
    assert "CL037 (a list) of 2026-02-27 04:30 UTC" in problem.message
    assert "2998" not in problem.message


def test_all_unknown_codes_are_reported_together(data):
    lists = all_of(data).add("CL037", "17").add("CL011", "X").add("CL006", "X")
    paths = {problem.path for problem in CodeCheck(lists, lots=False).problems(data)}
    assert paths == {
        "$.data.immunization.vaccineCode",
        "$.data.immunization.targetDiseases[0]",
        "$.data.performer.qualification.code",
    }


def test_a_list_that_was_never_pulled_is_noticed_once(data, caplog):
    lists = all_of(data)
    del lists["CL037"]
    check = CodeCheck(lists, lots=False)
    with caplog.at_level(logging.WARNING):
        assert check.problems(data) == check.problems(data) == []
    assert [record.code_list for record in caplog.records] == ["CL037"]


def test_an_unknown_lot_of_a_known_vaccine_is_refused(data):
    (problem,) = CodeCheck(lots(all_of(data), "OTHER"), lots=True).problems(data)
    assert problem.path == "$.data.immunization.lotNumber"


def test_lots_of_a_vaccine_without_listed_lots_pass(data):
    assert CodeCheck(lots(all_of(data), "OTHER", vaccine="17"), lots=True).problems(data) == []


def test_lots_of_reported_doses_pass(example):
    example["immunization"]["primarySource"] = False
    data = submission(REGISTER, example).data
    assert CodeCheck(lots(all_of(data), "OTHER"), lots=True).problems(data) == []


def test_lots_are_not_checked_where_the_setting_says_so(data):
    assert CodeCheck(lots(all_of(data), "OTHER"), lots=False).problems(data) == []
