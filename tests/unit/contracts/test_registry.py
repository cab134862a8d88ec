"""The check of an event's data as a whole: everything at once, and nothing of the values."""

from __future__ import annotations

from datetime import date
from itertools import islice, product
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reasons import Reason
from contracts.registry import EVENT_TYPES, ContractViolation, classify_type, validate

REGISTER = "nhis.immunization.register.v1"


@pytest.mark.parametrize(
    ("event_type", "reason"),
    [
        (REGISTER, None),
        ("nhis.immunization.register.v2", Reason.UNSUPPORTED_VERSION),
        ("nhis.immunization.register.v0", Reason.UNSUPPORTED_VERSION),
        ("nhis.immunization.register.v10", Reason.UNSUPPORTED_VERSION),
        ("nhis.immunization.register", Reason.UNKNOWN_TYPE),
        ("nhis.immunization.register.vx", Reason.UNKNOWN_TYPE),
        ("nhis.immunization.register.accepted.v1", Reason.UNKNOWN_TYPE),
        ("nhis.immunization.delete.v1", Reason.UNKNOWN_TYPE),
        ("NHIS.immunization.register.v1", Reason.UNKNOWN_TYPE),
        ("nhis.immunization.register.v1\n", Reason.UNKNOWN_TYPE),
        ("", Reason.UNKNOWN_TYPE),
    ],
)
def test_classify_type(event_type, reason):
    assert classify_type(event_type) is reason


def test_all_problems_of_one_event_come_together(changed, today):
    changes = {
        "patient.identifier": "7223154155",
        "patient.gender": "man",
        "patient.address": {"country": "BG", "city": "София", "ekatte": "1"},
        "performer.role": "deputy",
        "immunization.occurrence": "2025-06-02",
        "immunization.doseNumber": "1",
        "immunization.surprise": 1,
    }
    with pytest.raises(ContractViolation) as caught:
        validate(REGISTER, changed(REGISTER, changes), today=today)
    assert {(problem.path.removeprefix("$.data."), problem.rule) for problem in caught.value.problems} == {
        ("patient.identifier", "egn-check-digit"),
        ("patient.gender", "choice"),
        ("patient.address.ekatte", "form"),
        ("patient.address.county", "address-bg"),
        ("performer.deputyUin", "deputy"),
        ("immunization.occurrence", "not-in-future"),
        ("immunization.nextDoseDate", "date-order"),
        ("immunization.doseNumber", "type"),
        ("immunization.surprise", "unknown-field"),
    }


def test_problems_never_quote_values(changed, today):
    secret = "7223154155"
    changes = {
        "patient.identifier": secret,
        "patient.birthDate": secret,
        "patient.gender": secret,
        "patient.phone": f"{secret}x",
        "immunization.lotNumber": f"Я{secret}",
        "immunization.note": f"\u0000{secret}",
        # A field's name is the sender's text as well.
        secret: 1,
        f"patient.{secret}": 1,
    }
    with pytest.raises(ContractViolation) as caught:
        validate(REGISTER, changed(REGISTER, changes), today=today)
    violation = caught.value
    assert len(violation.problems) >= 7
    assert secret not in repr(violation.problems) + str(violation)
    assert {"$.data.?", "$.data.patient.?"} <= {problem.path for problem in violation.problems}
    assert violation.__cause__ is None
    assert violation.__context__ is None or violation.__suppress_context__


def test_a_model_shows_nothing_of_a_patient(today):
    model = validate(REGISTER, EVENT_TYPES[REGISTER].example, today=today)
    assert repr(model) == "RegisterImmunization()"
    assert "Измислена" not in f"{model} {model.patient!r} {model.patient.name}"


def test_a_model_cannot_be_changed(today):
    model = validate(REGISTER, EVENT_TYPES[REGISTER].example, today=today)
    with pytest.raises(ValueError, match="frozen"):
        model.patient.identifier = "x"


def test_only_the_outside_names_are_taken(changed, today, removed):
    data = changed(REGISTER, {"patient.birthDate": removed, "patient.birth_date": "1872-03-15"})
    with pytest.raises(ContractViolation) as caught:
        validate(REGISTER, data, today=today)
    assert [(p.path, p.rule) for p in caught.value.problems] == [
        ("$.data.patient.birthDate", "required"),
        ("$.data.patient.birth_date", "unknown-field"),
    ]


@pytest.mark.parametrize("data", [None, [], "text", 1, True])
@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_data_that_is_no_object(event_type, data, today):
    with pytest.raises(ContractViolation) as caught:
        validate(event_type, data, today=today)
    assert [(p.path, p.rule) for p in caught.value.problems] == [("$.data", "type")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = """patient identifier identifierType birthDate gender address country performer role practiceNumber
immunization occurrence doseNumber seriesDoses externalPrevious nrn reaction startDate endDate fromDate toDate"""
MEMBERS = st.sampled_from(NAMES.split())
VALUES = JSON | st.sampled_from(["egn", "lnch", "7223154155", "1872-03-15", "BG", "titular", "9999999999"])
DATA = st.recursive(VALUES, lambda inner: st.dictionaries(MEMBERS, inner, max_size=6), max_leaves=30)


@given(event_type=st.sampled_from(sorted(EVENT_TYPES)), data=DATA)
def test_any_json_is_either_valid_or_a_violation(event_type, data):
    found = _problems(event_type, data)
    assert all(problem.path.startswith("$.data") for problem in found)
    assert all(problem.rule and problem.message.endswith(".") for problem in found)
    assert len(set(found)) == len(found)


def _problems(event_type, data):
    try:
        validate(event_type, data, today=date(2025, 6, 1))
    except ContractViolation as violation:
        return violation.problems
    return ()


def test_of_very_many_problems_the_first_are_reported_and_how_many_more(changed, today):
    data = changed(
        "nhis.immunization.register.v1",
        dict.fromkeys(map("".join, islice(product(ascii_lowercase, repeat=3), 500)), 1),
    )
    with pytest.raises(ContractViolation) as caught:
        validate("nhis.immunization.register.v1", data, today=today)
    assert len(caught.value.problems) == 101
    assert caught.value.problems[-1].rule == "more-problems"
    assert "400 more" in caught.value.problems[-1].message


def test_a_list_that_is_too_long_is_one_problem_whatever_it_holds(changed, today):
    data = changed("nhis.immunization.register.v1", {"immunization.targetDiseases": [1] * 10_000})
    with pytest.raises(ContractViolation) as caught:
        validate("nhis.immunization.register.v1", data, today=today)
    assert [(one.path, one.rule) for one in caught.value.problems] == [
        ("$.data.immunization.targetDiseases", "length")
    ]


def test_of_thousands_of_wrong_fields_only_the_number_is_reported(changed, today):
    data = changed("nhis.immunization.register.v1", {f"x{number}": 1 for number in range(5001)})
    with pytest.raises(ContractViolation) as caught:
        validate("nhis.immunization.register.v1", data, today=today)
    (problem,) = (one for one in caught.value.problems if one.rule == "more-problems")
    assert (problem.path, problem.message) == (
        "$.data",
        "Correct the fields by the contract: 5001 are wrong.",
    )
