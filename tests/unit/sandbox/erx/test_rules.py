"""What the register refuses in a bundle: one error for each violation, with its path, in HTTP 200."""

from __future__ import annotations

import copy
import json

import pytest

from tests.support.systems.erx.sandbox import NS, ErxClient, bundle, line, read

OLD, NEW = "2020-06", "2020-09"
QUERY = {OLD: "", NEW: "seed=3014&category=N"}
GONE = object()
R0 = "entry[0].resource"


def changed(profile: str, *steps, to=GONE, **line_options):
    """Return a good bundle with the value at the path changed, or taken out."""
    body = copy.deepcopy(bundle(line("7543" if profile == OLD else None, **line_options)))
    place = body
    for step in steps[:-1]:
        place = place[step]
    if to is GONE:
        del place[steps[-1]]
    else:
        place[steps[-1]] = to
    return body


def errors(profile: str, body, query: str | None = None, **headers) -> list[dict]:
    erx = ErxClient(profile)
    answer = read(erx.issue(body, QUERY[profile] if query is None else query, **headers))
    assert erx.register.ledger()["prescriptions"] == []
    spelt = {name.lower(): value for name, value in answer.items()}
    assert (spelt["success"], spelt["result"]) == (False, None)
    return [{name.lower(): value for name, value in error.items()} for error in spelt["errors"]]


def paths(profile: str, body, query: str | None = None) -> list[str | None]:
    return [error.get("path") for error in errors(profile, body, query)]


RESOURCE = ("entry", 0, "resource")
MEDICINE = (*RESOURCE, "medicationCodeableConcept", "coding", 0)
QUANTITY = (*RESOURCE, "dispenseRequest", "quantity")


@pytest.mark.parametrize("profile", [OLD, NEW])
@pytest.mark.parametrize(
    ("steps", "to", "path"),
    [
        (("resourceType",), "Patient", "resourceType"),
        (("resourceType",), GONE, "resourceType"),
        (("type",), "batch", "type"),
        (("entry",), [], "entry"),
        (("entry",), {"resource": {}}, "entry"),
        (("entry",), "x", "entry"),
        (("entry",), 7, "entry"),
        (("entry", 0), "x", "entry"),
        ((*RESOURCE, "resourceType"), "Observation", f"{R0}.resourceType"),
        ((*RESOURCE, "resourceType"), ["Patient"], f"{R0}.resourceType"),
        (RESOURCE, "x", f"{R0}.resourceType"),
        ((*MEDICINE, "code"), GONE, f"{R0}.medicationCodeableConcept.coding[0].code"),
        ((*MEDICINE, "code"), " ", f"{R0}.medicationCodeableConcept.coding[0].code"),
        ((*RESOURCE, "medicationCodeableConcept"), [], f"{R0}.medicationCodeableConcept.coding[0].code"),
        ((*RESOURCE, "authoredOn"), "26.11.2026", f"{R0}.authoredOn"),
        ((*RESOURCE, "authoredOn"), 20261126, f"{R0}.authoredOn"),
        ((*RESOURCE, "dosageInstruction"), [], f"{R0}.dosageInstruction[0].text"),
        ((*QUANTITY, "value"), 0, f"{R0}.dispenseRequest.quantity.value"),
        ((*QUANTITY, "value"), "2", f"{R0}.dispenseRequest.quantity.value"),
        ((*QUANTITY, "value"), True, f"{R0}.dispenseRequest.quantity.value"),
        ((*QUANTITY, "unit"), GONE, f"{R0}.dispenseRequest.quantity.unit"),
        ((*RESOURCE, "reasonCode"), GONE, f"{R0}.reasonCode[0].coding[0].code"),
        (("entry", 1, "resource", "identifier"), [], "entry[1].resource.identifier"),
        (("entry", 1, "resource", "name"), [], "entry[1].resource.name[0].family"),
        (("entry", 2, "resource", "specialty"), [], "entry[2].resource.specialty[0].coding[0].code"),
        (
            ("entry", 3, "resource", "identifier", 0, "value"),
            GONE,
            "entry[3].resource.identifier[0].value",
        ),
        (("entry", 3, "resource", "birthDate"), "1886-13-01", "entry[3].resource.birthDate"),
        (("entry", 3, "resource", "gender"), "m", "entry[3].resource.gender"),
        (("entry", 3, "resource", "name"), None, "entry[3].resource.name[0].family"),
        (("entry", 4, "resource", "period"), {}, "entry[4].resource.period.start"),
        (("entry", 4, "resource", "identifier", 0, "value"), "7" * 65, "entry[4].resource.identifier"),
    ],
)
def test_each_violation_is_reported_with_its_path(profile, steps, to, path):
    assert path in paths(profile, changed(profile, *steps, to=to))


@pytest.mark.parametrize("profile", [OLD, NEW])
@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (0, "MedicationRequest"),
        (1, "Practitioner"),
        (2, "PractitionerRole"),
        (3, "Patient"),
        (4, "Encounter"),
    ],
)
def test_each_of_the_five_types_is_needed(profile, number, kind):
    body = changed(profile, "entry", number)
    assert f"Атрибута {kind} е задължителен" in [error["message"] for error in errors(profile, body)]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_only_lines_may_repeat(number):
    body = bundle(line("7543"))
    body["entry"].append(body["entry"][number])
    assert [error["key"] for error in errors(OLD, body)] == ["{duplicate.resource}"]


@pytest.mark.parametrize(
    ("steps", "to", "path"),
    [
        ((*RESOURCE, "identifier"), [], f"{R0}.identifier"),
        ((*RESOURCE, "identifier", 0, "system"), f"{NS}/other", f"{R0}.identifier"),
        ((*RESOURCE, "category"), GONE, f"{R0}.category[0].coding[0].code"),
        ((*RESOURCE, "category", 0, "coding", 0, "code"), "A", f"{R0}.category[0].coding[0].code"),
    ],
)
def test_the_older_text_needs_internal_identifier_and_category_in_each_line(steps, to, path):
    assert paths(OLD, changed(OLD, *steps, to=to)) == [path]


@pytest.mark.parametrize(
    ("query", "messages"),
    [
        ("", ["Атрибута seed е задължителен", "Атрибута category е задължителен"]),
        ("seed=&category=N", ["Атрибута seed е задължителен"]),
        ("seed=3014", ["Атрибута category е задължителен"]),
        ("seed=30%2014&category=N", ["Атрибута seed е с невалидна стойност"]),
        (f"seed={'1' * 65}&category=N", ["Атрибута seed е с невалидна стойност"]),
        ("seed=3014&category=NN", ["Атрибута category е с невалидна стойност"]),
        ("seed=3014&category=n", ["Атрибута category е с невалидна стойност"]),
        ("&".join(["seed=3014"] * 60), ["Атрибута seed е задължителен", "Атрибута category е задължителен"]),
    ],
)
def test_the_newer_text_needs_seed_and_category(query, messages):
    assert [error["message"] for error in errors(NEW, bundle(line(None)), query)] == messages


@pytest.mark.parametrize(("category", "accepted"), [(c, True) for c in "WGY"] + [(c, False) for c in "NABC"])
def test_a_medicine_that_nhif_does_not_list(category, accepted):
    body = changed(NEW, *MEDICINE, "system", to="http://sathealth.com/cs/pt_code")
    answer = read(ErxClient(NEW).issue(body, f"seed=1&category={category}"))
    assert answer["success"] is accepted
    assert [error["key"] for error in answer["errors"]] == (
        [] if accepted else ["{invalid.medication.system}"]
    )


def test_what_nhif_does_not_pay_needs_no_diagnosis():
    body = changed(NEW, *RESOURCE, "reasonCode")
    assert read(ErxClient(NEW).issue(body, "seed=1&category=W"))["success"] is True


@pytest.mark.parametrize("part", [None, "D0", "A", "AA"])
def test_form_5a_needs_the_slip_of_each_line(part):
    assert paths(NEW, bundle(line(None, part)), "seed=1&category=A") == [f"{R0}.extension"]


def test_nothing_is_written_of_a_bundle_with_one_bad_line():
    body = bundle(line("1"), line("2"))
    body["entry"][1]["resource"]["authoredOn"] = None
    assert paths(OLD, body) == ["entry[1].resource.authoredOn"]


def test_a_hundred_entries_are_enough():
    assert paths(OLD, bundle(*[line(str(number)) for number in range(97)])) == ["entry"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"\xff\xfe",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a": ' * 40 + b"1" + b"}" * 40,
        json.dumps({"text": "x" * (4 * 1024 * 1024)}).encode(),
    ],
    ids=[
        "nothing",
        "cut",
        "list",
        "number",
        "no UTF-8",
        "NaN",
        "infinite",
        "endless digits",
        "deep and cut",
        "deep",
        "large",
    ],
)
def test_what_is_no_json_object_within_bounds(body):
    (error,) = errors(OLD, body)
    assert error["message"] == "Грешен формат на заявката"


def test_errors_speak_english_where_asked_to():
    (error,) = errors(OLD, changed(OLD, *RESOURCE, "authoredOn"), accept_language="en-EN")
    assert error["message"] == "Attribute authoredOn is mandatory"
