"""Issuing and changing by either text: T1, T2, T3, versions, and what the ledger shows of it."""

from __future__ import annotations

import hashlib
import re

import pytest

from tests.support.systems.erx.sandbox import EGN, NS, START, ErxClient, bundle, line, read

OLD, NEW = "2020-06", "2020-09"
UNIX = int(START.timestamp())
SEED_W, SEED_A = "seed=3014&category=N", "seed=3014&category=A"
STEM = "ERXE-20261126-60-3014"


def issued(erx: ErxClient, given, query: str = "", username: str = "dr-ivanova"):
    """Return T1's responses, T2's entries and T3, whatever the spelling of their names."""
    answer = read(erx.issue(given, query, username))
    if erx.profile == OLD:
        assert answer["Success"] is True, answer
        result = answer["Result"]
        return [e["Response"] for e in result["T1"]["Entry"]], result["T2"]["Entry"], result["T3"]
    assert answer["success"] is True, answer
    result = answer["result"]
    return [e["response"] for e in result["t1"]["entry"]], result["t2"]["entry"], result["t3"]


def values(resource, name: str) -> list[str]:
    return [one["value"] for one in resource["identifier"] if one["system"] == f"{NS}/{name}"]


def test_the_older_text_answers_as_its_example():
    erx = ErxClient(OLD)
    answer = read(erx.issue(bundle(line("1000007543"), line("1000007544", "A1"))))
    result = answer["Result"]
    assert (answer["Success"], answer["Errors"]) == (True, [])
    assert (result["T1"]["ResourceType"], result["T1"]["Type"]) == ("Bundle", "transaction-response")
    assert (result["T2"]["ResourceType"], result["T2"]["Type"]) == ("Bundle", "transaction")
    first = result["T1"]["Entry"][0]["Response"]
    assert first["Status"] == "201 Created"
    assert re.fullmatch(r"MedicationRequest/\d+/_history/1", first["Location"])
    assert first["Etag"] == "1"
    barcode = f"ERX{UNIX}N00060A"
    assert result["T3"] == f"https://erx2.e-health.bg/print/barcode/code128?code={barcode}&scale=3"


def test_the_older_text_expands_a_line_as_its_example():
    erx = ErxClient(OLD)
    _, entries, _ = issued(erx, bundle(line("1000007543"), line("1000007544", "A1")))
    second = entries[1]["Resource"]
    barcode = f"ERX{UNIX}N00060A"
    assert values(second, "internal") == ["1000007544"]
    assert values(second, "barcode-id") == [barcode, "ERXI-20261126-60-1000007544"]
    assert values(second, "prescription-id") == [f"{UNIX}00060"]
    assert values(second, "mr-id") == [f"{barcode}-1"]
    assert values(second, "dh-id") == ["2200000011"]
    assert values(second, "erx-users") == ["dr-ivanova"]
    assert values(second, "software-clients") == ["herald-client"]
    assert (second["status"], second["intent"]) == ("active", "proposal")
    assert second["groupIdentifier"]["value"] == barcode
    assert entries[1]["Request"] == {
        "Method": "PUT",
        "Url": "MedicationRequest?identifier=http://erx.e-health.bg/ns/internal|1000007544",
    }


def test_the_older_text_has_the_patient_last_and_links_the_others():
    _, entries, _ = issued(ErxClient(OLD), bundle(line("1")))
    by_kind = {entry["Resource"]["resourceType"]: entry for entry in entries}
    assert list(by_kind) == ["MedicationRequest", "Practitioner", "PractitionerRole", "Encounter", "Patient"]
    requester = by_kind["MedicationRequest"]["Resource"]["requester"]["reference"]
    assert requester.startswith("urn:uuid:")
    assert by_kind["Encounter"]["Resource"]["participant"] == [{"individual": {"reference": requester}}]
    assert by_kind["PractitionerRole"]["Request"]["Url"] == (
        f"PractitionerRole?identifier={NS}/uin|2300000011&identifier={NS}/erx-users|dr-ivanova"
    )
    assert by_kind["Patient"]["Request"] == {"Method": "POST", "Url": "Patient"}


def test_the_newer_text_answers_in_small_letters_with_the_patient_first():
    erx = ErxClient(NEW)
    answer = read(erx.issue(bundle(line(None, "A0"), line(None, "B0"), line(None, "C0")), SEED_A))
    assert set(answer) == {"result", "success", "errors"}
    assert answer["result"]["t1"]["resource-type"] == "Bundle"
    assert answer["result"]["t3"] == [f"{STEM}-A", f"{STEM}-B", f"{STEM}-C"]
    patient, first = answer["result"]["t2"]["entry"][:2]
    assert patient["resource"]["resourceType"] == "Patient"
    assert values(first["resource"], "mr-id") == [f"{STEM}-A0"]
    assert values(first["resource"], "internal") == ["3014"]
    assert first["resource"]["category"][0]["coding"][0]["code"] == "A"
    assert first["resource"]["subject"]["display"] == "ТЕСТ ТЕСТОВ ТЕСТОВ"
    assert first["resource"]["requester"]["display"] == "д-р Мария Иванова"
    assert first["request"]["url"] == (
        f"MedicationRequest?identifier={NS}/mr-id|{STEM}-A0&identifier={NS}/erx-users|dr-ivanova"
    )


@pytest.mark.parametrize(
    ("category", "barcodes"),
    [("N", [STEM]), ("B", [STEM]), ("W", [STEM]), ("A", [f"{STEM}-A", f"{STEM}-B"])],
)
def test_only_form_5a_has_a_barcode_for_each_slip(category, barcodes):
    given = bundle(line(None, "A0"), line(None, "A1"), line(None, "B0"))
    _, _, t3 = issued(ErxClient(NEW), given, f"seed=3014&category={category}")
    assert t3 == barcodes


@pytest.mark.parametrize(("profile", "query"), [(OLD, ""), (NEW, SEED_W)])
def test_the_same_identity_again_is_a_new_version_of_the_same_prescription(profile, query):
    erx = ErxClient(profile)
    given = bundle(line("7543" if profile == OLD else None))
    first, _, barcode = issued(erx, given, query)
    again, _, same_barcode = issued(erx, given, query)
    small = profile == NEW
    status, location = ("status", "location") if small else ("Status", "Location")
    place = 1 if small else 0
    assert (first[place][status], again[place][status]) == ("201 Created", "200 OK")
    assert again[place][location] == first[place][location].replace("_history/1", "_history/2")
    assert barcode == same_barcode
    (held,) = erx.register.ledger()["prescriptions"]
    assert (held["version"], held["written"]) == (2, 2)


def test_only_a_line_is_a_new_version_each_time():
    erx = ErxClient(OLD)
    issued(erx, bundle(line("1")))
    again, _, _ = issued(erx, bundle(line("1")))
    assert [one["Status"] for one in again] == ["200 OK"] * 5
    assert [one["Etag"] for one in again] == ["2", "1", "1", "1", "1"]


def test_a_changed_visit_is_a_new_version():
    erx = ErxClient(OLD)
    issued(erx, bundle(line("1")))
    changed = bundle(line("2"))
    changed["entry"][-1]["resource"]["period"]["start"] = "2026-11-26T01:00:00.000Z"
    again, _, _ = issued(erx, changed)
    assert [one["Etag"] for one in again] == ["1", "1", "1", "2", "1"]


def test_an_added_line_joins_the_prescription():
    erx = ErxClient(OLD)
    issued(erx, bundle(line("1")))
    erx.later(seconds=5)
    again, entries, _ = issued(erx, bundle(line("1"), line("2")))
    assert [one["Status"] for one in again[:2]] == ["200 OK", "201 Created"]
    assert values(entries[1]["Resource"], "barcode-id")[0] == f"ERX{UNIX}N00060A"
    (held,) = erx.register.ledger()["prescriptions"]
    assert held["internalIds"] == ["1", "2"]


def test_lines_of_two_prescriptions_are_written_to_the_first_and_stay_where_they_were():
    erx = ErxClient(OLD)
    issued(erx, bundle(line("1")))
    issued(erx, bundle(line("2")))
    issued(erx, bundle(line("1"), line("2")))
    issued(erx, bundle(line("2")))
    assert [one["written"] for one in erx.register.ledger()["prescriptions"]] == [2, 2]


def test_one_internal_identifier_on_every_line_is_one_prescription():
    erx = ErxClient(OLD)
    issued(erx, bundle(line("1"), line("1")))
    again, _, _ = issued(erx, bundle(line("1"), line("1")))
    assert [one["Etag"] for one in again[:2]] == ["2", "2"]
    assert again[0]["Location"] != again[1]["Location"]


@pytest.mark.parametrize(
    ("query", "username", "hours"),
    [("seed=3015&category=N", "dr-ivanova", 0), (SEED_W, "dr-petrov", 0), (SEED_W, "dr-ivanova", 24)],
)
def test_another_seed_user_or_day_is_another_prescription(query, username, hours):
    erx = ErxClient(NEW, token_seconds=1e6)
    issued(erx, bundle(line(None)), SEED_W)
    erx.later(hours=hours)
    responses, _, _ = issued(erx, bundle(line(None)), query, username)
    assert responses[1]["status"] == "201 Created"
    assert [one["written"] for one in erx.register.ledger()["prescriptions"]] == [1, 1]


def test_the_day_is_that_of_sofia():
    erx = ErxClient(NEW, now=START.replace(hour=22, minute=30))
    _, _, t3 = issued(erx, bundle(line(None)), SEED_W)
    assert t3 == ["ERXE-20261127-60-3014"]


def test_numbers_within_a_second_are_counted():
    erx = ErxClient(OLD)
    found = [issued(erx, bundle(line(str(number))))[2] for number in range(3)]
    assert [re.search(r"N(\d{3})60A", one)[1] for one in found] == ["000", "001", "002"]


def test_the_newer_text_takes_the_seed_for_the_internal_identifier():
    given = line("of the client")
    _, entries, _ = issued(ErxClient(NEW), bundle(given), SEED_W)
    assert values(entries[1]["resource"], "internal") == ["3014"]


def test_what_only_the_register_gives_is_not_taken_from_the_client():
    given = line("1")
    given["identifier"].append({"system": f"{NS}/barcode-id", "value": "ERX-OF-THE-CLIENT"})
    _, entries, _ = issued(ErxClient(OLD), bundle(given))
    assert "ERX-OF-THE-CLIENT" not in values(entries[0]["Resource"], "barcode-id")


def test_the_ledger_says_what_was_written_and_names_nobody():
    erx = ErxClient(NEW)
    issued(erx, bundle(line(None)), SEED_W)
    ledger = erx.register.ledger()
    (held,) = ledger["prescriptions"]
    assert held["patient"] == hashlib.sha256(f"{NS}/nnbgr|{EGN}".encode()).hexdigest()
    assert (held["internalIds"], held["barcodes"], held["user"]) == (["3014"], [STEM], "dr-ivanova")
    assert held["written_at"] == [START.isoformat()]
    assert ledger["logins"] == {"dr-ivanova": 1}
    assert EGN not in str(ledger)
    assert "ТЕСТОВ" not in str(ledger)


def test_the_same_requests_have_the_same_answers_bytes_and_all():
    first, second = (ErxClient(OLD).issue(bundle(line("1"))).body for _ in range(2))
    assert first == second


@pytest.mark.parametrize("username", ["erx-admin", None])
def test_only_a_doctor_issues(username):
    erx = ErxClient(NEW)
    headers = erx.bearer(username) if username else {}
    answer = erx.send("POST", "/fhirlite/prescription", SEED_W, bundle(line(None)), **headers)
    assert answer.status == 401
    assert erx.register.ledger()["prescriptions"] == []


def test_reset_forgets_everything_but_the_users_of_the_start():
    erx = ErxClient(OLD)
    before = erx.issue(bundle(line("1"))).body
    erx.register.reset()
    assert erx.register.ledger() == {"prescriptions": [], "reads": {}, "users": [], "logins": {}}
    assert erx.issue(bundle(line("1"))).body == before
