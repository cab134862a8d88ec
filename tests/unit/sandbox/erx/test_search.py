"""Searches: by each criterion and by several, of what was prescribed, and of what a pharmacy has given out."""

from __future__ import annotations

import json

import pytest

from tests.support.systems.erx.sandbox import EGN, NS, START, TERMS, ErxClient, bundle, line, read

REQUESTS, DISPENSES = "/fhir/MedicationRequest", "/fhir/MedicationDispense"
OTHER_EGN = "8621021001"
UNIX = int(START.timestamp())


@pytest.fixture
def erx() -> ErxClient:
    """Two prescriptions: of two lines, and of one for another patient."""
    erx = ErxClient("2020-06")
    booklet = line("2", code="SF083")
    booklet["identifier"].append({"system": f"{NS}/booklet-id", "value": "1080005"})
    erx.issue(bundle(line("1"), booklet))
    erx.issue(bundle(line("3"), egn=OTHER_EGN))
    return erx


def found(answer) -> list[str]:
    bundle = read(answer)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "searchset")
    assert bundle["total"] == len(bundle["entry"])
    resources = [entry["resource"] for entry in bundle["entry"]]
    return [one["value"] for r in resources for one in r["identifier"] if one["system"] == f"{NS}/internal"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["1", "2", "3"]),
        ("_sort=_id", ["1", "2", "3"]),
        ("_sort=-_id", ["3", "2", "1"]),
        (f"subject.identifier={EGN}&status=active&_sort=-_id", ["2", "1"]),
        (f"subject.identifier={NS}/nnbgr|{OTHER_EGN}", ["3"]),
        (f"subject.identifier={NS}/uin|{OTHER_EGN}", []),
        ("subject.identifier=0000000000", []),
        (f"identifier=ERX{UNIX}N00060A", ["1", "2"]),
        ("identifier=ERXI-20261126-60-2", ["2"]),
        (f"identifier={NS}/booklet-id|1080005", ["2"]),
        (f"identifier={NS}/booklet-id%7C1080005&code=SF083", ["2"]),
        (f"identifier={NS}/booklet-id|1080005&code=RF034", []),
        ("identifier=|1080005", []),
        ("code=RF034", ["1", "3"]),
        (f"code={TERMS}/CodeSystem/mc-nhif|SF083", ["2"]),
        ("code=http://sathealth.com/cs/pt_code|SF083", []),
        ("status=completed", []),
    ],
)
def test_prescriptions_are_found(erx, query, expected):
    assert found(erx.get(REQUESTS, query)) == expected


def test_what_is_found_has_lasting_references(erx):
    entry = read(erx.get(REQUESTS, "identifier=ERXI-20261126-60-2", host="erx.example:8443"))["entry"][0]
    resource = entry["resource"]
    assert entry["fullUrl"] == f"https://erx.example:8443/fhir/MedicationRequest/{resource['id']}"
    assert resource["meta"] == {"versionId": "1"}
    assert resource["subject"]["reference"].startswith("Patient/")
    assert resource["requester"]["reference"].startswith("PractitionerRole/")
    assert "urn:uuid" not in json.dumps(resource)


def test_a_changed_prescription_is_found_once_as_it_is_now(erx):
    changed = line("3")
    changed["dosageInstruction"] = [{"text": "вечер"}]
    erx.issue(bundle(changed, egn=OTHER_EGN))
    (entry,) = read(erx.get(REQUESTS, f"subject.identifier={OTHER_EGN}"))["entry"]
    assert entry["resource"]["meta"] == {"versionId": "2"}
    assert entry["resource"]["dosageInstruction"] == [{"text": "вечер"}]


@pytest.mark.parametrize("query", ["_count=5", "patient=1", "_sort=date", "_sort=_id&_sort=-_id"])
def test_a_parameter_that_no_document_shows(erx, query):
    answer = erx.get(REQUESTS, query)
    assert answer.status == 400
    assert json.loads(answer.body)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("username", ["erx-admin", None])
@pytest.mark.parametrize("path", [REQUESTS, DISPENSES])
def test_only_a_doctor_searches(erx, path, username):
    headers = erx.bearer(username) if username else {}
    assert erx.send("GET", path, **headers).status == 401


def test_what_a_pharmacy_gave_out_is_found_and_no_more_active(erx):
    barcode = f"ERX{UNIX}N00060A"
    assert read(erx.get(DISPENSES))["total"] == 0
    given = erx.register.control("dispense", {"barcode": barcode})
    assert len(given["dispensed"]) == 2
    assert found(erx.get(REQUESTS, "status=active")) == ["3"]
    assert found(erx.get(REQUESTS, "status=completed")) == ["1", "2"]
    for query in (f"identifier={barcode}", f"subject.identifier={EGN}", f"identifier={barcode}&_sort=-_id"):
        assert read(erx.get(DISPENSES, query))["total"] == 2
    assert read(erx.get(DISPENSES, f"identifier={NS}/booklet-id|1080005&code=SF083"))["total"] == 1
    assert read(erx.get(DISPENSES, f"subject.identifier={OTHER_EGN}"))["total"] == 0
    assert erx.register.ledger()["prescriptions"][0]["dispensed"] == given["dispensed"]
    assert erx.register.control("dispense", {"barcode": barcode})["dispensed"] == []


def test_reads_are_counted(erx):
    erx.get(REQUESTS)
    erx.get(DISPENSES)
    erx.get("/user/me")
    erx.get("/phs/prescription", "identifier=none")
    assert erx.register.ledger()["reads"] == {"search": 2, "whoami": 1}
