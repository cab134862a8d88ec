"""What single fields take and refuse."""

from __future__ import annotations

import pytest

REGISTER = "nhis.immunization.register.v1"
SEARCH = "nhis.immunization.search.v1"
REACTION = "nhis.adverse-reaction.register.v1"
CANCEL = "nhis.immunization.cancel.v1"
CERTIFICATE = "nhis.certificate.fetch.v1"

REFUSED = [
    (REGISTER, "performer.uin", 1, "type"),
    (REGISTER, "performer.uin", "000000001", "form"),
    (REGISTER, "performer.uin", "0000000001 ", "length"),
    (REGISTER, "performer.practiceNumber", "22010000O1", "form"),
    (REGISTER, "performer.role", "Titular", "choice"),
    (REGISTER, "performer.role", 1, "choice"),
    (REGISTER, "performer.qualification", "1043", "type"),
    (REGISTER, "performer.qualification.nhifCode", "0", "form"),
    (REGISTER, "patient.phone", "+35900000000", "form"),
    (REGISTER, "patient.phone", "1234567890123456", "length"),
    (REGISTER, "patient.email", "nobody", "form"),
    (REGISTER, "patient.name.given", "", "length"),
    (REGISTER, "patient.name.given", "   ", "form"),
    (REGISTER, "patient.name.given", "А\nБ", "form"),
    (REGISTER, "patient.name.given", "А\u0000", "form"),
    (REGISTER, "patient.name.given", "А" * 256, "length"),
    (REGISTER, "patient.address.country", "bg", "form"),
    (REGISTER, "patient.birthDate", "15.03.1872", "date"),
    (REGISTER, "patient.birthDate", "1872-02-30", "date"),
    (REGISTER, "patient.birthDate", "1872-03-15T00:00:01", "date"),
    (REGISTER, "patient.birthDate", "1872-03-14T22:00:00Z", "date"),
    (REGISTER, "patient.birthDate", "18720315", "date"),
    (REGISTER, "patient.birthDate", 0, "date"),
    (REGISTER, "immunization.doseNumber", "1", "type"),
    (REGISTER, "immunization.doseNumber", True, "type"),
    (REGISTER, "immunization.doseNumber", 1.5, "type"),
    (REGISTER, "immunization.doseNumber", 0, "range"),
    (REGISTER, "immunization.seriesDoses", 100, "range"),
    (REGISTER, "immunization.primarySource", "true", "type"),
    (REGISTER, "immunization.primarySource", 1, "type"),
    (REGISTER, "immunization.targetDiseases", [], "length"),
    (REGISTER, "immunization.targetDiseases", "Z24.6", "type"),
    (REGISTER, "immunization.vaccineCode", 2998, "type"),
    (REGISTER, "immunization.vaccineCode", "29 98", "form"),
    (REGISTER, "immunization.lotNumber", "А12", "form"),
    (REGISTER, "immunization.lotNumber", "A" * 23, "length"),
    (REGISTER, "immunization.basedOn", "25073A00Q1X", "form"),
    (REGISTER, "immunization.doseQuantity.value", "0.5", "type"),
    (REGISTER, "immunization.doseQuantity.value", 0, "range"),
    (REGISTER, "immunization.lrn", "x" * 37, "length"),
    (REGISTER, "immunization.lrn", "a_b", "form"),
    (REGISTER, "patient", None, "type"),
    (REGISTER, "patient", [], "type"),
    (SEARCH, "patient.identifierType", "EGN", "choice"),
    (REACTION, "nrn", "25073B00Q1X34", "length"),
    (REACTION, "reaction.description", " \n", "form"),
    (CANCEL, "reason", "х" * 2001, "length"),
    (CERTIFICATE, "nrn", "25073B-0Q1X3", "form"),
]


@pytest.mark.parametrize(("event_type", "path", "value", "rule"), REFUSED)
def test_refused(problems, event_type, path, value, rule):
    assert (f"$.data.{path}", rule) in problems(event_type, {path: value})


TAKEN = [
    (REGISTER, "patient.email", "nobody@example.org"),
    (REGISTER, "patient.nationality", None),
    (REGISTER, "immunization.vaccineCode", "-1000"),
    (REGISTER, "immunization.doseNumber", 2.0),
    (REGISTER, "immunization.doseQuantity.value", 1),
    (REGISTER, "immunization.lotNumber", "AB-12/3 (4)"),
    (REGISTER, "immunization.note", "един\nдва"),
    (REGISTER, "immunization.booster", False),
    (CANCEL, "reason", "х" * 2000),
]


@pytest.mark.parametrize(("event_type", "path", "value"), TAKEN)
def test_taken(problems, event_type, path, value):
    assert problems(event_type, {path: value}) == []


@pytest.mark.parametrize(
    "path", ["patient.name.family", "performer.uin", "immunization.vaccineCode", "patient"]
)
def test_required(problems, removed, path):
    assert problems(REGISTER, {path: removed})[0] == (f"$.data.{path}", "required")


def test_numbers_keep_their_shortest_decimal_text(changed, today):
    from contracts.registry import validate

    model = validate(REGISTER, changed(REGISTER, {"immunization.doseQuantity.value": 0.3}), today=today)
    assert str(model.immunization.dose_quantity.value) == "0.3"
