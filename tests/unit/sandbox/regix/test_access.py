"""Rights by certificate, operation and element; the access matrix; and traits of requests."""

from __future__ import annotations

import hashlib

import pytest

from tests.support.systems.regix.envelopes import (
    KNOWN,
    NS,
    PERSON_DATA,
    RELATIONS,
    VALID_PERSON,
    egn_argument,
    execute,
    soap11,
)
from tests.support.systems.regix.reading import response_of, result_of, said

ARGUMENT = egn_argument("PersonDataRequest")


def matrix_of(answer):
    matrix = result_of(answer.body).find("d:Data/d:Matrix", NS)
    entries = matrix.findall("d:Properties/d:Property", NS)
    return matrix, {
        one.findtext("d:Name", namespaces=NS): one.findtext("d:HasAccess", namespaces=NS) for one in entries
    }


def test_elements_without_access_are_absent(world):
    full = response_of(world.execute(PERSON_DATA, ARGUMENT).body)
    part = response_of(world.execute(PERSON_DATA, ARGUMENT, consumer="clinic").body)
    names = [child.tag.rpartition("}")[2] for child in full]
    assert [child.tag.rpartition("}")[2] for child in part] == [
        name for name in names if name not in {"LatinNames", "EGN"}
    ]
    assert [child.tag.rpartition("}")[2] for child in part[0]] == ["FirstName", "FamilyName"]


def test_the_matrix_tells_what_is_absent_for_lack_of_access(world):
    answer = world.execute(PERSON_DATA, ARGUMENT, consumer="clinic", matrix="true")
    matrix, entries = matrix_of(answer)
    assert matrix.get("id") == "AccessMatrix"
    assert [child.tag.rpartition("}")[2] for child in matrix] == ["HasAccess", "Name", "Properties"]
    assert matrix.findtext("d:Name", namespaces=NS) == "PersonDataResponseType"
    denied = {name for name, access in entries.items() if access == "false"}
    assert denied == {
        "LatinNames",
        "LatinNames.FirstName",
        "LatinNames.SurName",
        "LatinNames.FamilyName",
        "PersonNames.SurName",
        "EGN",
    }
    assert entries["PersonNames.FirstName"] == "true"
    assert entries["DeathDate"] == "true"  # the person has none: empty, not hidden


def test_rights_are_changed_and_reset_takes_them_back(world):
    changed = world.regix.control(
        "consumers",
        [{"name": "clinic", "operations": None, "hidden": {}}, {"name": "former", "active": True}],
    )
    argument = egn_argument("RelationsRequest", root="RelationsRequestType")
    assert {one["name"]: one["operations"] for one in changed}["clinic"] is None
    for consumer in ("clinic", "former"):
        assert said(world.execute(RELATIONS, argument, consumer=consumer).body)["HasError"] == "false"
    world.regix.reset()
    assert said(world.execute(RELATIONS, argument, consumer="clinic").body)["Error"] == "Access denied!"
    assert said(world.execute(consumer="former").body)["HasError"] == "true"


def test_elements_of_lists_are_hidden_by_their_path(world):
    world.regix.control(
        "consumers",
        {"name": "hospital", "hidden": {RELATIONS: ["PersonRelations.EGN", "PersonRelations.Gender"]}},
    )
    argument = egn_argument("RelationsRequest", root="RelationsRequestType")
    response = response_of(world.execute(RELATIONS, argument).body)
    names = {child.tag.rpartition("}")[2] for relation in response for child in relation}
    assert "FirstName" in names
    assert not names & {"EGN", "Gender", "GenderCode"}


def test_a_thumbprint_is_that_of_windows(world):
    shown = world.regix.control("consumers", [])
    by_name = {one["name"]: one["thumbprint"] for one in shown}
    for name, certificate in world.certificates.items():
        assert by_name[name] == hashlib.sha1(certificate, usedforsecurity=False).hexdigest().upper()


def test_traits_name_what_was_asked_and_by_whom(world):
    traits = world.regix.traits_of(world.request(soap11(execute())))
    assert traits == {
        "operation": "Execute",
        "report": VALID_PERSON,
        "consumer": "hospital",
        "call": None,
        "service_uri": "URI-1",
    }
    assert KNOWN not in str(traits)


@pytest.mark.parametrize("consumer", ["nobody", None])
def test_a_certificate_that_the_sandbox_does_not_have(world, consumer):
    world.certificates = {**world.certificates, "nobody": b"0"}
    answer = world.execute(consumer=consumer)
    if consumer is None:
        assert answer.status == 403
    else:
        assert said(answer.body)["Error"] == "Access denied! ConsumerCertificate is not found."


def test_a_wrong_answer_is_that_of_another_person(world):
    request = world.request(soap11(execute()))
    answer = world.regix.answer(request)
    wrong = world.regix.altered(request, answer)
    assert result_of(wrong.body).findtext("d:Data/d:Request/*/*", namespaces=NS) == "8223091063"
    assert said(wrong.body)["ServiceCallID"] == "999999"
    assert response_of(wrong.body).findtext("v:FirstName", namespaces=NS) == "Измислен"
    assert len(world.ledger["executions"]) == 1


def test_a_wrong_answer_to_a_question_is_that_of_another_call(world):
    request = world.request(
        soap11(execute(processing="<sd:RequestProcessing>Asynchronous</sd:RequestProcessing>"))
    )
    answer = world.regix.answer(request)
    wrong = said(world.regix.altered(request, answer).body)
    assert wrong["ServiceCallID"] == "91"
    assert wrong["VerificationCode"] == f"9{said(answer.body)['VerificationCode']}"
