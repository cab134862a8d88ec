"""What a pharmacy reads: a list of prescriptions, or the documents' errors."""

from __future__ import annotations

import pytest

from tests.support.systems.erx.sandbox import EGN, START, ErxClient, bundle, line, read

PATH = "/phs/prescription"
UNIX = int(START.timestamp())
STEM = "ERXE-20261126-60-3014"


def test_a_prescription_by_its_barcode():
    erx = ErxClient("2020-06")
    erx.issue(bundle(line("1"), line("2", code="SF083")))
    (one,) = read(erx.get(PATH, f"identifier=ERX{UNIX}N00060A"))["Result"]
    assert one["Patient"] | {"Age": 0} == {
        "FirstName": "ТЕСТ",
        "MiddleName": "ТЕСТОВ",
        "LastName": "ТЕСТОВ",
        "Age": 0,
        "Egn": EGN,
        "Lnch": None,
        "BirthDate": "1886-01-01",
        "Sex": "male",
        "MaternityFlag": False,
        "PregnancyFlag": False,
    }
    assert one["Patient"]["Age"] == 140
    assert [(row["Line"], row["NhifCode"], row["IcdCode"]) for row in one["PrescriptionRows"]] == [
        (0, "RF034", "J30.1"),
        (1, "SF083", "J30.1"),
    ]
    assert (one["Part"], one["State"], one["PrescriptionNo"]) == ("PartA", "Active", one["Barcode"])


@pytest.mark.parametrize(
    ("identifier", "barcodes"),
    [
        (f"{STEM}-B", [f"{STEM}-B"]),
        (STEM, [f"{STEM}-A", f"{STEM}-B"]),
    ],
)
def test_the_slips_of_form_5a(identifier, barcodes):
    erx = ErxClient("2020-09")
    erx.issue(bundle(line(None, "A0"), line(None, "B0")), "seed=3014&category=A")
    answer = read(erx.get(PATH, f"identifier={identifier}"))
    assert [one["Barcode"] for one in answer["Result"]] == barcodes
    assert {one["PrescriptionType"] for one in answer["Result"]} == {"A"}


def test_by_the_barcode_that_a_client_can_make():
    erx = ErxClient("2020-06")
    erx.issue(bundle(line("1"), line("2")))
    (one,) = read(erx.get(PATH, "identifier=ERXI-20261126-60-2"))["Result"]
    assert one["Barcode"] == f"ERX{UNIX}N00060A"


def test_what_was_given_out_is_finished():
    erx = ErxClient("2020-09")
    erx.issue(bundle(line(None)), "seed=3014&category=N")
    erx.register.control("dispense", {"barcode": STEM})
    assert read(erx.get(PATH, f"identifier={STEM}"))["Result"][0]["State"] == "Finished"


def test_a_medicine_that_nhif_does_not_list_has_no_code_of_nhif():
    erx = ErxClient("2020-09")
    given = line(None, None)
    given["medicationCodeableConcept"]["coding"][0] |= {"system": "http://sathealth.com/cs/pt_code"}
    erx.issue(bundle(given), "seed=3014&category=W")
    (one,) = read(erx.get(PATH, f"identifier={STEM}"))["Result"]
    assert "NhifCode" not in one["PrescriptionRows"][0]
    assert (one["Part"], one["PrescriptionType"]) == ("PartNone", "W")


def test_the_documents_errors():
    erx = ErxClient()
    (missing,) = read(erx.get(PATH))["Errors"]
    assert (missing["Message"], missing["Key"]) == (
        "Атрибута identifier е задължителен",
        "{missing.queryAttribute.identifier}",
    )
    unknown = read(erx.get(PATH, "identifier=ERX1"))
    assert (unknown["Result"], unknown["Success"]) == ([], False)
    assert unknown["Errors"][0]["Message"] == "Липсва рецепта по зададените критерии"
    assert erx.send("GET", PATH, "identifier=ERX1").status == 401
