"""Every rule between fields, by what it says of the changed examples."""

from __future__ import annotations

import pytest

from contracts.bulgarian_person import PersonRule
from contracts.nhis.rules import Rule
from tests.support.person_rules import MALE, person_rows

REGISTER = "nhis.immunization.register.v1"
SEARCH = "nhis.immunization.search.v1"
REACTION = "nhis.adverse-reaction.register.v1"
CANCEL = "nhis.immunization.cancel.v1"
CERTIFICATE = "nhis.certificate.fetch.v1"

ABROAD = {"country": "DE", "city": "Musterstadt"}
OUTSIDE = {
    "occurrence": "2025-01-14",
    "vaccineName": "Example",
    "lotNumber": "X1",
    "country": "DE",
    "authority": "Example clinic",
}

TABLE = [
    # (what is tried, type, changes, the problems found)
    ("the example", REGISTER, {}, []),
    ("EGN too short", REGISTER, {"patient.identifier": "722315415"}, [("patient.identifier", "egn-form")]),
    *person_rows(REGISTER),
    ("gender other", REGISTER, {"patient.gender": "other"}, []),
    ("gender unknown", REGISTER, {"patient.gender": "unknown"}, []),
    (
        "passport needs no EGN",
        REGISTER,
        {
            "patient.identifierType": "passport",
            "patient.identifier": "AB 123",
            "patient.birthDate": "1880-01-01",
        },
        [],
    ),
    (
        "BG without county and EKATTE",
        REGISTER,
        {"patient.address": {"country": "BG", "city": "София"}},
        [("patient.address.county", "address-bg"), ("patient.address.ekatte", "address-bg")],
    ),
    (
        "BG with a null county",
        REGISTER,
        {"patient.address.county": None},
        [("patient.address.county", "address-bg")],
    ),
    ("abroad", REGISTER, {"patient.address": ABROAD}, []),
    (
        "abroad with EKATTE",
        REGISTER,
        {"patient.address": {**ABROAD, "ekatte": "68134", "county": None}},
        [("patient.address.ekatte", "address-abroad")],
    ),
    ("deputy without UIN", REGISTER, {"performer.role": "deputy"}, [("performer.deputyUin", "deputy")]),
    ("hired without UIN", REGISTER, {"performer.role": "hired"}, [("performer.deputyUin", "deputy")]),
    ("hired", REGISTER, {"performer.role": "hired", "performer.deputyUin": "0000000002"}, []),
    (
        "titular with deputy",
        REGISTER,
        {"performer.deputyUin": "0000000002"},
        [("performer.deputyUin", "deputy")],
    ),
    (
        "region 00",
        REGISTER,
        {"performer.practiceNumber": "0001000001"},
        [("performer.practiceNumber", "practice-region")],
    ),
    ("region 01", REGISTER, {"performer.practiceNumber": "0101000001"}, []),
    ("region 28", REGISTER, {"performer.practiceNumber": "2801000001"}, []),
    (
        "region 29",
        REGISTER,
        {"performer.practiceNumber": "2901000001"},
        [("performer.practiceNumber", "practice-region")],
    ),
    ("today", REGISTER, {"immunization.occurrence": "2025-06-01", "immunization.nextDoseDate": None}, []),
    (
        "tomorrow",
        REGISTER,
        {"immunization.occurrence": "2025-06-02", "immunization.nextDoseDate": None},
        [("immunization.occurrence", "not-in-future")],
    ),
    (
        "before birth",
        REGISTER,
        {"immunization.occurrence": "1872-03-14", "immunization.expirationDate": None},
        [("immunization.occurrence", "not-before-birth")],
    ),
    (
        "on the day of birth",
        REGISTER,
        {"immunization.occurrence": "1872-03-15", "immunization.expirationDate": None},
        [],
    ),
    (
        "born tomorrow",
        REGISTER,
        {
            "patient.identifierType": "newborn",
            "patient.birthDate": "2025-06-02",
            "immunization.occurrence": "2025-06-01",
            "immunization.nextDoseDate": None,
        },
        [("patient.birthDate", "not-in-future"), ("immunization.occurrence", "not-before-birth")],
    ),
    (
        "born in 1799",
        REGISTER,
        {"patient.identifierType": "other", "patient.birthDate": "1799-12-31"},
        [("patient.birthDate", "plausible-date")],
    ),
    ("previous in NHIS", REGISTER, {"immunization.previousNrn": "25073B00Q1X3"}, []),
    ("previous outside", REGISTER, {"immunization.externalPrevious": OUTSIDE}, []),
    ("previous outside without details", REGISTER, {"immunization.previousIsExternal": True}, []),
    (
        "previous outside, said twice",
        REGISTER,
        {"immunization.externalPrevious": OUTSIDE, "immunization.previousIsExternal": True},
        [],
    ),
    (
        "previous in NHIS and outside",
        REGISTER,
        {"immunization.previousIsExternal": True, "immunization.previousNrn": "25073B00Q1X3"},
        [("immunization.previousIsExternal", "one-previous")],
    ),
    (
        "previous in NHIS, not outside",
        REGISTER,
        {"immunization.previousIsExternal": False, "immunization.previousNrn": "25073B00Q1X3"},
        [],
    ),
    (
        "previous outside, denied",
        REGISTER,
        {"immunization.externalPrevious": OUTSIDE, "immunization.previousIsExternal": False},
        [("immunization.previousIsExternal", "one-previous")],
    ),
    (
        "previous both",
        REGISTER,
        {"immunization.externalPrevious": OUTSIDE, "immunization.previousNrn": "25073B00Q1X3"},
        [("immunization.externalPrevious", "one-previous")],
    ),
    (
        "previous after this one",
        REGISTER,
        {"immunization.externalPrevious": {**OUTSIDE, "occurrence": "2025-03-15"}},
        [("immunization.externalPrevious.occurrence", "date-order")],
    ),
    (
        "previous before birth",
        REGISTER,
        {"immunization.externalPrevious": {**OUTSIDE, "occurrence": "1870-01-01"}},
        [("immunization.externalPrevious.occurrence", "not-before-birth")],
    ),
    (
        "next dose the same day",
        REGISTER,
        {"immunization.nextDoseDate": "2025-03-14"},
        [("immunization.nextDoseDate", "date-order")],
    ),
    ("an expired pack was given", REGISTER, {"immunization.expirationDate": "2025-03-01"}, []),
    (
        "expiry in the wrong century",
        REGISTER,
        {"immunization.expirationDate": "2126-12-31"},
        [("immunization.expirationDate", "plausible-date")],
    ),
    ("last dose", REGISTER, {"immunization.doseNumber": 3}, []),
    (
        "dose beyond the series",
        REGISTER,
        {"immunization.doseNumber": 4},
        [("immunization.doseNumber", "dose-in-series")],
    ),
    ("no series", REGISTER, {"immunization.doseNumber": 4, "immunization.seriesDoses": None}, []),
    ("search by patient", SEARCH, {}, []),
    ("search without an end", SEARCH, {"toDate": None}, []),
    (
        "search without a beginning",
        SEARCH,
        {"fromDate": None},
        [("fromDate", "dates-with-patient")],
    ),
    ("search by patient and NRN", SEARCH, {"nrn": "25073B00Q1X3"}, []),
    ("search by both without a day", SEARCH, {"nrn": "25073B00Q1X3", "fromDate": None, "toDate": None}, []),
    (
        "search by both up to a day",
        SEARCH,
        {"nrn": "25073B00Q1X3", "fromDate": None},
        [("fromDate", "dates-with-patient")],
    ),
    ("search two ways", SEARCH, {"lrn": "a-1"}, [("", "one-way")]),
    (
        "search by LRN with a day",
        SEARCH,
        {"patient": None, "toDate": None, "lrn": "a-1"},
        [("fromDate", "dates-with-patient")],
    ),
    (
        "search no way",
        SEARCH,
        {"patient": None, "fromDate": None, "toDate": None},
        [("", "one-way")],
    ),
    (
        "search by LRN",
        SEARCH,
        {"patient": None, "fromDate": None, "toDate": None, "lrn": "a-1"},
        [],
    ),
    (
        "search by NRN with dates",
        SEARCH,
        {"patient": None, "nrn": "25073B00Q1X3"},
        [],
    ),
    ("search backwards", SEARCH, {"toDate": "2024-12-31"}, [("toDate", "date-order")]),
    (
        "search ahead",
        SEARCH,
        {"fromDate": "2025-06-02", "toDate": None},
        [("fromDate", "not-in-future")],
    ),
    (
        "search with a wrong EGN",
        SEARCH,
        {"patient.identifier": "7223154155"},
        [("patient.identifier", "egn-check-digit")],
    ),
    ("reaction of one day", REACTION, {"reaction.endDate": "2025-03-15"}, []),
    (
        "reaction ends before",
        REACTION,
        {"reaction.endDate": "2025-03-14"},
        [("reaction.endDate", "date-order")],
    ),
    (
        "reaction ahead",
        REACTION,
        {"reaction.startDate": "2025-06-02", "reaction.endDate": "2025-06-03"},
        [("reaction.startDate", "not-in-future"), ("reaction.endDate", "not-in-future")],
    ),
    ("cancel", CANCEL, {}, []),
    ("certificate by number", CERTIFICATE, {"nrn": None, "certificateNumber": "01BG-1#A/b"}, []),
    (
        "certificate by patient",
        CERTIFICATE,
        {"nrn": None, "patient": {"identifierType": "egn", "identifier": MALE}},
        [],
    ),
    ("certificate two ways", CERTIFICATE, {"certificateNumber": "01BG-1"}, [("", "one-way")]),
    ("certificate no way", CERTIFICATE, {"nrn": None}, [("", "one-way")]),
]


@pytest.mark.parametrize(
    ("event_type", "changes", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_rules(problems, event_type, changes, expected):
    found = problems(event_type, changes)
    assert found == [(f"$.data.{path}" if path else "$.data", rule) for path, rule in expected]


def test_every_rule_is_tried():
    tried = {rule for _, _, _, expected in TABLE for _, rule in expected}
    assert tried == {rule.value for rule in (*PersonRule, *Rule)}
