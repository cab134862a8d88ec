"""The rules as tables: what is asked, what is registered already, and which rules that breaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sandbox.nhis import rules
from sandbox.nhis.ledger import Blocks, Ledger, Registration, pseudonym

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
EGN = "8621011000"  # born in 1886: nobody alive has it
PATIENT = rules.Patient("1", EGN, date(1886, 1, 1), "1")
UIN, OTHER = "2300000011", "2300000022"


def registration(**changes) -> Registration:
    given = {
        "lrn": "LRN-1",
        "uin": UIN,
        "titular": UIN,
        "deputy": None,
        "patient": pseudonym("1", EGN),
        "vaccine": "2998",
        "vaccine_group": "4",
        "dose": 1,
        "series_doses": 3,
        "previous": None,
        "occurrence": date(2026, 11, 20),
        "message_id": "m",
        "created_at": NOW,
        "blocks": Blocks(None, None, None),
    }
    return Registration(**{**given, **changes})


def application(person=PATIENT, based_on=None, vaccine_known=True, **changes) -> rules.Application:
    return rules.Application(
        registration=registration(**changes),
        patient=person,
        based_on=based_on,
        documents={"EXAM": date(2026, 11, 10)},
        vaccine_known=vaccine_known,
    )


def broken(asked: rules.Application, *before: Registration) -> list[str]:
    ledger = Ledger()
    for item in before:
        ledger.register(item)
    return [error.description for error in rules.registration_errors(asked, ledger)]


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        (PATIENT, []),
        (replace(PATIENT, identifier="8621011001"), ["RL001"]),
        (replace(PATIENT, birth_date=date(1886, 1, 2)), ["RL003"]),
        (replace(PATIENT, gender="2"), ["RL003"]),
        (replace(PATIENT, gender="3"), []),
        (replace(PATIENT, gender="2", birth_date=date(1986, 1, 1)), ["RL003", "RL003"]),
        (replace(PATIENT, identifier_type="2"), ["RL001"]),
        (replace(PATIENT, identifier_type="2", identifier="1000000001"), []),
        (replace(PATIENT, identifier_type="4", identifier="AB-1", gender="2"), []),
    ],
)
def test_identifiers(patient, expected):
    assert broken(application(patient)) == expected


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ({"titular": UIN}, []),
        ({"titular": OTHER}, ["RL008"]),
        ({"titular": OTHER, "deputy": UIN}, []),
        ({"titular": UIN, "deputy": OTHER}, ["RL008"]),
    ],
)
def test_rl008(people, expected):
    assert broken(application(**people)) == expected


FIRST = {"lrn": "LRN-0"}


@pytest.mark.parametrize(
    ("before", "asked", "expected"),
    [
        ([], {}, []),
        ([], {"dose": 2}, []),
        ([FIRST], {"dose": 2}, ["RL061"]),
        ([FIRST], {"vaccine_group": "5"}, []),
        ([FIRST], {"patient": "another"}, []),
        ([{**FIRST, "uin": OTHER}], {}, ["RL061"]),
        ([{**FIRST, "series_doses": 1}], {}, ["RL061"]),
        ([{**FIRST, "series_doses": 1}], {"special_case": True}, []),
        ([{**FIRST, "series_doses": 2}], {"special_case": True}, ["RL061"]),
        ([{**FIRST, "series_doses": None}], {"special_case": True}, ["RL061"]),
        ([{**FIRST, "status": "2"}], {}, []),
    ],
)
def test_rl061(before, asked, expected):
    assert broken(application(**asked), *(registration(**item) for item in before)) == expected


@pytest.mark.parametrize(
    ("previous", "dose", "expected"),
    [
        ("last", 3, []),
        ("last", 2, ["RL063"]),
        ("last", 1, ["RL063"]),
        ("first", 3, ["RL062"]),
        ("unknown", 3, ["RL062"]),
        ("unknown", 1, ["RL062", "RL063"]),
    ],
)
def test_rl062_rl063(previous, dose, expected):
    ledger = Ledger()
    first = ledger.register(registration(lrn="LRN-A"))
    last = ledger.register(registration(lrn="LRN-B", dose=2, previous=first.nrn))
    nrn = {"first": first.nrn, "last": last.nrn, "unknown": "000000000000"}[previous]

    errors = rules.registration_errors(application(dose=dose, previous=nrn), ledger)

    assert [error.description for error in errors] == expected


def test_rl062_previous_dose_of_no_course():
    assert broken(application(dose=2, previous="000000000000")) == ["RL062"]


@pytest.mark.parametrize(
    ("based_on", "occurrence", "expected"),
    [
        (None, date(2026, 11, 1), []),
        ("EXAM", date(2026, 11, 10), []),
        ("EXAM", date(2026, 11, 9), ["RL072"]),
        ("UNKNOWN", date(2026, 11, 9), []),
    ],
)
def test_rl072(based_on, occurrence, expected):
    assert broken(application(based_on=based_on, occurrence=occurrence)) == expected


def test_rl080_is_reported_alone_and_ends_with_the_nrn():
    ledger = Ledger()
    done = ledger.register(registration())

    (error,) = rules.registration_errors(application(vaccine_known=False), ledger)

    assert error.description == "RL080"
    assert error.reason.startswith("Вече има подаден")
    assert error.reason[-12:] == done.nrn


def test_rl080_holds_after_cancellation_and_not_for_another_uin():
    assert broken(application(), registration(status="2")) == ["RL080"]
    assert broken(application(), registration(uin=OTHER, vaccine_group="5")) == []


def test_unknown_vaccine():
    assert broken(application(vaccine_known=False)) == ["CL037"]


@pytest.mark.parametrize(
    ("changes", "uin", "later", "expected"),
    [
        ({}, UIN, timedelta(0), None),
        ({}, UIN, timedelta(days=1), None),
        ({}, UIN, timedelta(days=1, seconds=1), "RL018"),
        ({}, OTHER, timedelta(0), "RL047"),
        ({"titular": OTHER}, OTHER, timedelta(0), None),
        ({"deputy": OTHER}, OTHER, timedelta(0), None),
    ],
)
def test_cancellation(changes, uin, later, expected):
    error = rules.cancellation_error(registration(**changes), uin, NOW + later)

    assert (error.description if error else None) == expected


def test_repeated_cancellation_is_reported_before_the_deadline():
    error = rules.cancellation_error(registration(status="2"), UIN, NOW + timedelta(days=9))

    assert "вече е анулиран" in error.reason


def test_every_error_names_its_element():
    asked = application(replace(PATIENT, identifier="8621011001"), vaccine_known=False, titular=OTHER)

    errors = rules.registration_errors(asked, Ledger())

    assert [error.faulty_attribute for error in errors] == [
        "subject/identifier", "performer/pmi", "immunization/vaccineCode",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("expires", "codes"), [(None, []), (date(2026, 11, 20), []), (date(2026, 11, 19), ["W001"])]
)
def test_an_expired_pack_is_registered_with_a_warning(expires, codes):
    asked = replace(application(), pack_expires=expires)
    assert broken(asked) == []
    assert [one.code for one in rules.registration_warnings(asked)] == codes


@pytest.mark.parametrize(("status", "told"), [("1", []), ("2", [("W002", "26001A2B3C4D")])])
def test_a_reaction_to_a_void_immunization_is_registered_with_a_warning(status, told):
    found = replace(registration(), status=status, nrn="26001A2B3C4D")
    assert [(one.code, one.nrn) for one in rules.reaction_warnings(found)] == told
