"""What of an accepted answer reaches the reply, in the words of the contract."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from contracts.registry import EVENT_TYPES
from tests.support.systems.erx.answers import framed, searchset, user
from tests.support.systems.erx.reading import (
    DOCUMENT,
    ISSUE,
    LINE,
    NEW,
    OLD,
    PNG,
    document,
    read,
)


def test_the_documents_prescription_in_the_words_of_the_contract():
    outcome = read(ISSUE, 200, document())
    assert outcome.data == {
        "lines": [
            {
                "internalId": "1000007543",
                "location": "MedicationRequest/68",
                "version": "2",
                "status": "updated",
                "mrId": "ERX1592920883N00360A-0",
            },
            {
                "internalId": "1000007544",
                "location": "MedicationRequest/69",
                "version": "2",
                "status": "updated",
                "mrId": "ERX1592920883N00360A-1",
            },
        ],
        "locations": [
            {"resource": name, "location": f"{name}/{number}", "version": version, "status": "updated"}
            for name, number, version in (
                ("MedicationRequest", 68, "2"),
                ("MedicationRequest", 69, "2"),
                ("Practitioner", 3, "1"),
                ("PractitionerRole", 70, "1"),
                ("Encounter", 71, "1"),
                ("Patient", 9, "1"),
            )
        ],
        "transactionId": "aecad7a6-1e36-41e7-a757-71a99ef47dd5",
        "barcodes": ["ERX1592920883N00360A"],
        "barcodeUrl": "https://erx2.e-health.bg/print/barcode/code128?code=ERX1592920883N00360A&scale=3",
        "prescriptionId": "159292088300360",
        # The night of 1 March in UTC is the 2nd in Sofia.
        "offlineBarcodes": ["ERXI-20260302-88-1000007543", "ERXI-20260302-88-1000007544"],
    }


def test_the_day_of_a_barcode_is_the_registers_own():
    outcome = read(ISSUE, 200, document(), headers={"date": "Thu, 04 Jun 2020 16:32:18 GMT"})
    assert outcome.data["offlineBarcodes"][0] == "ERXI-20200604-88-1000007543"


def newer(*internal: str) -> bytes:
    """The newer text's answer: other letters, the patient first, and the seed as the internal id of every line."""

    def entry(location):
        return {"response": {"status": "201 Created", "location": location, "etag": "1"}}

    def line(value):
        identifiers = [{"system": "http://erx.e-health.bg/ns/internal", "value": value}]
        return {"resource": {"resourceType": "MedicationRequest", "identifier": identifiers}}

    other = {"resource": {"resourceType": "Patient"}}
    lines = [f"MedicationRequest/{300 + at}/_history/1" for at in range(len(internal))]
    places = ["Patient/1", *lines, "Practitioner/3", "PractitionerRole/2", "Encounter/3"]
    t1 = {"resource-type": "Bundle", "entry": [entry(one) for one in places]}
    t2 = {"entry": [other, *map(line, internal), other, other, other]}
    t3 = ["ERXE-20200917-88-3014-A", "ERXE-20200917-88-3014-B"]
    return json.dumps({"result": {"t1": t1, "t2": t2, "t3": t3}, "success": True, "errors": []}).encode()


@pytest.mark.parametrize(
    ("category", "parts", "ends"),
    [
        ("A", ("B0", "A0"), ["-A", "-B"]),
        ("A", ("C0", "C1"), ["-C"]),
        ("A", (None, None), [""]),
        ("N", ("A0", "B0"), [""]),
    ],
)
def test_a_form_5a_has_a_barcode_for_each_strip_that_its_lines_use(category, parts, ends):
    event = copy.deepcopy(EVENT_TYPES["erx.prescription.issue.v1"].example)
    event |= {"seed": "3014", "category": category}
    for line, part in zip(event["lines"], parts, strict=True):
        line["bookletPart"] = part
    outcome = read(ISSUE, 200, newer("3014", "3014"), settings=NEW, data=event)
    assert outcome.data["offlineBarcodes"] == [f"ERXE-20260302-88-3014{end}" for end in ends]


def test_the_newer_answer():
    event = EVENT_TYPES["erx.prescription.issue.v1"].example | {"seed": "3014"}
    outcome = read(ISSUE, 200, newer("3014", "3014"), settings=NEW, data=event)
    assert [(line["internalId"], line["location"]) for line in outcome.data["lines"]] == [
        ("1000007543", "MedicationRequest/300"),
        ("1000007544", "MedicationRequest/301"),
    ]
    assert outcome.data["barcodes"] == ["ERXE-20200917-88-3014-A", "ERXE-20200917-88-3014-B"]
    assert outcome.data["offlineBarcodes"] == ["ERXE-20260302-88-3014-A"]
    assert "barcodeUrl" not in outcome.data


@pytest.mark.parametrize("internal", [("3014", "3015"), ("3015", "3015"), ("3014",), ("3014",) * 3])
def test_the_newer_answer_to_another_prescription(internal):
    event = EVENT_TYPES["erx.prescription.issue.v1"].example | {"seed": "3014"}
    assert read(ISSUE, 200, newer(*internal), settings=NEW, data=event).reason == "unexpected-message"


def test_lines_in_another_order_are_distinguished_by_their_ids():
    outcome = read(ISSUE, 200, newer("1000007544", "1000007543"))
    assert [(line["internalId"], line["location"]) for line in outcome.data["lines"]] == [
        ("1000007543", "MedicationRequest/301"),
        ("1000007544", "MedicationRequest/300"),
    ]


@pytest.mark.parametrize(
    ("t3", "barcodes"),
    [
        ("ERX1592920883N00360A", ["ERX1592920883N00360A"]),
        (None, ["ERX1592920883N00360A"]),
        (["A", "A", "B"], ["A", "B"]),
        ([7, None], ["ERX1592920883N00360A"]),
        ("https://[", ["ERX1592920883N00360A"]),
        ({"a": 1}, ["ERX1592920883N00360A"]),
    ],
)
def test_barcodes_are_those_of_t3_or_else_of_t2(t3, barcodes):
    outcome = read(ISSUE, 200, document(lambda result: result.update(T3=t3)))
    assert outcome.data["barcodes"] == barcodes


def test_without_t2_the_lines_are_in_our_order():
    outcome = read(ISSUE, 200, document(lambda result: result.pop("T2")))
    assert [line["internalId"] for line in outcome.data["lines"]] == ["1000007543", "1000007544"]


def test_an_image_is_kept_whole():
    outcome = read("barcode.image", 200, PNG, headers={"content-type": "image/png; charset=x"})
    assert (outcome.data["mediaType"], outcome.data["bytes"]) == ("image/png", len(PNG))


def test_resources_have_what_the_contract_names_whatever_letters_it_comes_in():
    strange = {
        **LINE,
        "Extra-Member": [1, 2],
        "Meta": {"version-id": 2, "tag": []},
        "status": {"not": "a text"},
        "Substitution": {"AllowedBoolean": True},
        "dosageInstruction": [
            {"text": "сутрин", "doseAndRate": [{"doseQuantity": {"value": 3, "unit": 1.5}}]},
            7,
        ],
    }
    outcome = read("prescription.search", 200, framed(searchset(strange, total=9)))
    shown = {
        **LINE,
        "meta": {"versionId": "2"},
        "substitution": {"allowedBoolean": True},
        "dosageInstruction": [{"text": "сутрин", "doseAndRate": [{"doseQuantity": {"value": 3}}]}],
    }
    assert outcome.data == {"found": 1, "total": 9, "results": [shown]}
    EVENT_TYPES["erx.prescription.search.v1"].result.model_validate(
        dict(outcome.data), by_alias=True, by_name=False
    )


def test_what_the_document_shows_of_a_line_is_named_by_the_contract():
    lines = [one["Resource"] for one in DOCUMENT["Result"]["T2"]["Entry"][:2]]
    outcome = read("prescription.search", 200, framed(searchset(*lines)))
    assert outcome.data["results"] == lines


def test_what_a_pharmacy_is_shown_has_what_the_contract_names():
    row = {"Line": 0, "NhifCode": "RF034", "Price": None, "PrescribedQuantity": 2.5, "Other": 1}
    shown = {
        "PrescriptionNo": "E",
        "PrescriptionRows": [row],
        "Patient": {"Age": 150, "Egn": "x"},
        "Extra": 1,
    }
    outcome = read("pharmacy.search", 200, framed([shown]))
    del row["Price"], row["Other"], shown["Extra"]
    assert outcome.data == {"prescriptions": [shown]}


def shared(*locations: str, own: str = "1000007543") -> dict[str, Any]:
    """Return the document's answer and event with the prescription's single id in all lines (appendix 1)."""

    def change(result):
        for at, location in enumerate(locations):
            result["T1"]["Entry"][at]["Response"]["Location"] = f"{location}/_history/1"
            result["T2"]["Entry"][at]["Resource"]["identifier"][0]["value"] = own

    return document(change)


def one_id(own: str = "1000007543") -> dict[str, Any]:
    event = copy.deepcopy(EVENT_TYPES["erx.prescription.issue.v1"].example)
    for line in event["lines"]:
        line["internalId"] = own
    return event


def test_one_id_of_all_lines_is_taken_and_gives_one_offline_barcode():
    outcome = read(ISSUE, 200, shared("MedicationRequest/68", "MedicationRequest/69"), data=one_id())
    assert [(one["internalId"], one["location"]) for one in outcome.data["lines"]] == [
        ("1000007543", "MedicationRequest/68"),
        ("1000007543", "MedicationRequest/69"),
    ]
    assert outcome.data["offlineBarcodes"] == ["ERXI-20260302-88-1000007543"]


def test_two_lines_written_into_one_record_are_no_success():
    outcome = read(ISSUE, 200, shared("MedicationRequest/68", "MedicationRequest/68"), data=one_id())
    assert outcome.reason == "unexpected-message"
    outcome = read(ISSUE, 200, shared("MedicationRequest/68", "MedicationRequest/69", own="9"), data=one_id())
    assert outcome.reason == "unexpected-message"


def test_the_whole_record_of_a_user():
    outcome = read("user.whoami", 200, framed(user()))
    assert outcome.data == {
        "id": "88",
        "username": "dr-example",
        "firstName": "Никой",
        "lastName": "Измислен",
        "email": "dr-example@hospital.example",
        "emailVerified": False,
        "enabled": True,
        "acknowledged": False,
        "provider": "local",
        "authorities": ["ROLE_MEDIC"],
        "authorityDetails": [{"id": "89", "authority": "ROLE_MEDIC", "client": "1"}],
        "properties": [{"id": "90", "key": "roleId", "value": "PractitionerRole/18/_history/1"}],
        "roleId": "PractitionerRole/18/_history/1",
    }


@pytest.mark.parametrize(
    ("data", "settings", "barcodes", "day"),
    [
        ({"internalId": "7"}, OLD, ["ERXI-20260302-88-7"], "2026-03-02"),
        ({"internalId": "7", "day": "2026-03-05"}, OLD, ["ERXI-20260305-88-7"], "2026-03-05"),
        ({"internalId": "7"}, NEW, ["ERXE-20260302-88-7"], "2026-03-02"),
        (
            {"internalId": "7", "strips": ["A", "C"]},
            NEW,
            ["ERXE-20260302-88-7-A", "ERXE-20260302-88-7-C"],
            "2026-03-02",
        ),
    ],
)
def test_a_barcode_is_reserved_by_the_number_in_the_token(data, settings, barcodes, day):
    outcome = read("barcode.reserve", 200, framed(user(Id=99)), settings=settings, data=data)
    assert outcome.data == {"barcodes": barcodes, "userId": "88", "day": day}


def test_what_does_not_name_the_user_reserves_nothing():
    assert read("barcode.reserve", 200, framed({"Username": "x"}), data={"internalId": "7"}).reason == (
        "unexpected-message"
    )
