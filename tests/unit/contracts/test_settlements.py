"""What a person may state of what was found in the national system."""

from __future__ import annotations

import pytest

from contracts.registry import ContractViolation
from contracts.settlements import settled_data

NRN, OTHER = "25073B00Q1X3", "25073B00Q1X4"
REGISTER, REACTION = "nhis.immunization.register.v1", "nhis.adverse-reaction.register.v1"


def problems(event_type, stated, **known):
    with pytest.raises(ContractViolation) as found:
        settled_data(event_type, stated, **({"identity": "lrn-1", "asked": {}} | known))
    return {(one.path, one.rule) for one in found.value.problems}


def test_a_registration_has_the_lrn_that_it_was_sent_under():
    data = settled_data(REGISTER, {"nrn": NRN, "status": "1"}, identity="lrn-1", asked={"patient": {}})
    assert data == {"nrn": NRN, "status": "1", "lrn": "lrn-1"}


def test_a_reaction_has_the_nrn_that_the_event_names():
    assert settled_data(REACTION, {"nrn": NRN}, identity="-", asked={"nrn": NRN}) == {"nrn": NRN}
    assert settled_data(REACTION, {"nrn": NRN}, identity="-", asked=None) == {"nrn": NRN}


def test_what_the_system_called_it_stands_in_where_the_person_names_nothing():
    known = {"identity": "lrn-1", "asked": {}, "reference": NRN}
    assert settled_data(REGISTER, {}, **known) == {"nrn": NRN, "lrn": "lrn-1"}
    assert settled_data(REGISTER, {"nrn": OTHER}, **known) == {"nrn": OTHER, "lrn": "lrn-1"}
    assert ("$.data.nrn", "required") in problems(REACTION, {}, reference=NRN)


@pytest.mark.parametrize("nrn", ["", "25073B00Q1X", "25073B00Q1X33", "25073-00Q1X3", "25073B00Q1Ж3"])
def test_the_nrn_has_the_form_that_events_hold_to(nrn):
    assert {path for path, _ in problems(REACTION, {"nrn": nrn})} == {"$.data.nrn"}


@pytest.mark.parametrize(
    ("event_type", "stated", "known", "problem"),
    [
        (REACTION, {"nrn": NRN}, {"asked": {"nrn": OTHER}}, ("$.data.nrn", "same-record")),
        (REGISTER, {"nrn": NRN, "lrn": "lrn-2"}, {}, ("$.data.lrn", "same-record")),
        (REGISTER, {"nrn": NRN, "alreadyRegistered": "yes"}, {}, ("$.data.alreadyRegistered", "type")),
        (REACTION, {"nrn": NRN, "colour": "red"}, {}, ("$.data.colour", "unknown-field")),
        ("nhis.immunization.search.v1", {"nrn": NRN}, {}, ("$.data.found", "required")),
    ],
)
def test_what_does_not_fit_the_result_is_said(event_type, stated, known, problem):
    assert problem in problems(event_type, stated, **known)


def test_there_is_no_settlement_without_a_contract():
    with pytest.raises(KeyError):
        settled_data("unread", {"nrn": NRN}, identity="-", asked={})
