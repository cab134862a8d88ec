"""Profiles, groups, countries and templates."""

from __future__ import annotations

import json

import pytest

from tests.support.sandbox.edelivery.world import CITIZEN, LETTER_FILES, LETTER_TEXT, PASSIVE


@pytest.mark.parametrize(
    ("identifier", "group", "number"),
    [(CITIZEN, 1, 201), (PASSIVE, 1, 202), ("999000301", 3, 301), ("999000103", 2, 103)],
)
def test_who_can_receive_is_found(world, identifier, group, number):
    found = world.get("profiles/search", identifier=identifier, targetGroupId=group, templateId=1)
    assert (found["profileId"], found["identifier"]) == (number, identifier)
    assert sorted(found) == ["email", "identifier", "name", "phone", "profileId"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"identifier": "1", "targetGroupId": 1}, 404),
        ({"identifier": CITIZEN, "targetGroupId": 2}, 404),
        ({"identifier": "999000302", "targetGroupId": 2}, 404),
        ({"identifier": CITIZEN, "targetGroupId": 1, "templateId": 9}, 404),
        ({"identifier": CITIZEN, "targetGroupId": 5}, 403),
        ({"identifier": CITIZEN}, 403),
        ({"targetGroupId": 1}, 400),
        ({"identifier": CITIZEN, "targetGroupId": 1, "templateId": "x"}, 400),
    ],
    ids=["nobody", "group", "inactive", "template", "no-access", "no-group", "no-identifier", "no-number"],
)
def test_a_search_that_finds_nobody(world, query, status):
    assert world.call("GET", "/ed2/api/profiles/search", query=query)[0] == status


def test_a_check_finds_inactive_profiles_too(world):
    found = world.get("profiles/check", identifier="999000302")
    assert (found["length"], found["result"][0]["isActivated"]) == (1, False)
    [passive] = world.get("profiles/check", identifier=PASSIVE)["result"]
    assert (passive["isPassive"], passive["targetGroupId"]) == (True, 1)
    assert world.get("profiles/check", identifier="1") == {"result": [], "length": 0}


def test_one_profile(world):
    assert world.get("profiles/301")["name"] == "Измислена община"
    status, problem = world.call("GET", "/ed2/api/profiles/1")
    assert (status, problem["title"], problem["status"]) == (404, "Not Found", 404)


def test_the_profiles_of_a_group(world):
    assert [one["profileId"] for one in world.get("profiles", targetGroupId=2)["result"]] == [103]
    assert world.call("GET", "/ed2/api/profiles", query={"targetGroupId": 1})[0] == 403


PERSON = {
    "identifier": "7024198015",
    "firstName": "Измислена",
    "middleName": "Петрова",
    "lastName": "Георгиева",
    "email": "nobody@person.invalid",
    "phone": "000000000",
    "address": {"residence": "Измислена улица", "city": "София", "countryIso": "BG"},
}


def register(world, **changes):
    return world.call("POST", "/ed2/api/profiles/passive-individual", {**PERSON, **changes})


def test_a_passive_registration(world):
    status, number = register(world)
    assert (status, number) == (200, 303)
    found = world.get("profiles/search", identifier="7024198015", targetGroupId=1)
    assert found["profileId"] == number
    assert world.get(f"profiles/{number}")["address"]["city"] == "София"
    assert [one["profileId"] for one in world.ledger("registrations")] == [number]
    assert "7024198015" not in json.dumps(world.gateway.ledger())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"identifier": "7024198016"}, "Identifier"),
        ({"identifier": "7024999015"}, "Identifier"),
        ({"identifier": "123"}, "Identifier"),
        ({"identifier": CITIZEN}, "Identifier"),
        ({"middleName": None}, "MiddleName"),
        ({"email": "nobody"}, "Email"),
        ({"phone": None}, "Phone"),
        ({"address": None}, "Address"),
    ],
    ids=str,
)
def test_a_registration_that_is_refused(world, changes, field):
    status, problem = register(world, **changes)
    assert (status, list(problem["errors"])) == (400, [field])
    assert world.ledger("registrations") == []


def test_a_registration_that_is_no_json(world):
    assert world.call("POST", "/ed2/api/profiles/passive-individual", b"\xff")[0] == 400


def test_groups_and_countries(world):
    assert [one["targetGroupId"] for one in world.get("target-groups")] == [1, 2, 3, 4, 5]
    page = world.get("countries", offset=1, limit=2)
    assert ([one["iso"] for one in page["result"]], page["length"]) == (["DE", "GR"], 4)
    assert world.call("GET", "/ed2/api/countries", query={"limit": "-1"})[0] == 400


def test_templates(world):
    assert [one["templateId"] for one in world.get("templates")] == [1, 2, 3]
    letter = world.get("templates/1")
    assert [(one["id"], one["type"], one["isRequired"]) for one in letter["content"]] == [
        (LETTER_TEXT, "textarea", True),
        (LETTER_FILES, "file", False),
    ]
    everything = world.get("templates/2")["content"]
    assert [(one["type"], one["discriminator"]) for one in everything] == [
        ("textfield", "TextFieldComponent"),
        ("textarea", "TextAreaComponent"),
        ("select", "SelectComponent"),
        ("hidden", "HiddenComponent"),
        ("datetime", "DateTimeComponent"),
        ("checkbox", "CheckboxComponent"),
        ("file", "FileComponent"),
        ("markdown", "MarkdownComponent"),
    ]


@pytest.mark.parametrize("number", [9, 77])
def test_a_template_of_others_and_an_unknown_one(world, number):
    assert world.call("GET", f"/ed2/api/templates/{number}") == (403, None)
