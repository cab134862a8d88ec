"""Reports by the certificate that asks, answers of every form, and errors of RegiX and of its registers."""

from __future__ import annotations

import json

import pytest

from contracts.regix.arguments import FIELDS
from tests.support.systems.regix.envelopes import KNOWN, PERSON_DATA, RELATIONS, VALID_PERSON
from tests.support.systems.regix.scene import (
    BIG_WAITS,
    CLINIC,
    FORMER,
    SYSTEM,
    UNREGISTERED,
    Deed,
    acknowledgements,
    executions,
    perform,
    report,
    section_of,
    signers_of,
    writing,
)
from tests.support.worker.evidence import check_reply

DEAD = "3128021127"
VALUES = {
    "egn": KNOWN,
    "searchDate": "1895-03-14",
    "identifier": KNOWN,
    "identifierType": "EGN",
    "medicinalProductIdentifier": "900001",
}
UNKNOWN_CONTRACT = "TechnoLogica.RegiX.InventedAdapter.APIService.IInventedAPI.GetInvented"
UNKNOWN_METHOD = "TechnoLogica.RegiX.GraoNBDAdapter.APIService.INBDAPI.GetInvented"
OWN = {
    "GetNothing": {"operation": UNKNOWN_CONTRACT, "writes": False},
    "GetNoMethod": {"operation": UNKNOWN_METHOD, "writes": False},
}
MEBIBYTE = 1024 * 1024
SHEETS, STAYS = "GetHospitalSheetsData", "GetPatientRecordHospitalizations"


def typed(operation):
    return {name: VALUES[name] for name in FIELDS[operation]}


def error(operation, message, **more):
    return {"errors": [{"operation": operation, "message": message, "times": 1, **more}]}


def sized(mebibytes):
    return {"variants": {"answer_bytes": int(mebibytes * MEBIBYTE), "signature": "sha256"}}


def signed(how):
    return {"variants": {"signature": how}}


SIGNATURES = {
    "sha256": ("trusted", None),
    "sha1": ("not-checked", "SHA-1"),
    "tampered": ("invalid", "not what was signed"),
    "stranger": ("untrusted", "do not name its certificate"),
    "two": ("trusted", None),
    "missing": ("absent", None),
}
WRONG_ROOT = "<ValidPersonRequest xmlns='urn:wrong'><EGN>5523057017</EGN></ValidPersonRequest>"
DEEDS = [
    *(Deed(name, report(name, name, argument=typed(name))) for name in FIELDS),
    Deed("in full", report("in full", egn=DEAD)),
    Deed("in part", report("in part", egn=DEAD, signer=CLINIC)),
    Deed("nested", report("nested", "PersonDataSearch", signer=CLINIC)),
    Deed("without a matrix", report("without a matrix", signer=CLINIC, returnAccessMatrix=False)),
    Deed("unsigned", report("unsigned", signResult=False)),
    Deed("no access", report("no access", "RelationsSearch", signer=CLINIC)),
    Deed("no access, later", report("no access, later", "RelationsSearch", signer=CLINIC, asynchronous=True)),
    Deed("not active", report("not active", signer=FORMER)),
    Deed("not found", report("not found", signer=UNREGISTERED)),
    Deed("unknown contract", report("unknown contract", "GetNothing", xml="<a xmlns='urn:a'/>")),
    Deed("unknown method", report("unknown method", "GetNoMethod", xml="<a xmlns='urn:a'/>")),
    Deed("wrong root", report("wrong root", xml=WRONG_ROOT), controls={"variants": {"strict": False}}),
    Deed("wrong root, later", report("wrong root, later", xml=WRONG_ROOT, asynchronous=True)),
    Deed(
        "switched off",
        report("switched off", "RelationsSearch"),
        controls={"disabled": [RELATIONS], "variants": {"strict": True}},
    ),
    Deed("no record", report("no record"), controls={"disabled": [], **error(VALID_PERSON, "Няма данни")}),
    Deed("a core's error", report("a core's error"), controls=error(VALID_PERSON, "no", raised_by="core")),
    Deed(
        "a register's words",
        report("a register's words", asynchronous=True),
        controls=error(VALID_PERSON, "Wrong verification code", later=True),
    ),
    Deed(
        "for a moment",
        report("for a moment", "PersonDataSearch"),
        controls=error(PERSON_DATA, "The operation has timed out"),
    ),
    Deed("at once", report("at once", asynchronous=True), controls={"variants": {"at_once": [VALID_PERSON]}}),
    Deed("unasked", writing("unasked", "SendNotaryDocuments"), controls={"variants": {"at_once": []}}),
    Deed("nobody", report("nobody", egn="7223154154")),
    *(Deed(f"signed {how}", report(f"signed {how}"), controls=signed(how)) for how in SIGNATURES),
    # Last, as the sizes stay.
    Deed(
        "a megabyte",
        report("a megabyte", STAYS, argument=typed(STAYS)),
        controls=sized(1.5),
    ),
    Deed("large", report("large", STAYS, argument=typed(STAYS)), controls=sized(24)),
    Deed(
        "large, later",
        report("large, later", STAYS, argument=typed(STAYS), asynchronous=True),
        controls=sized(24),
    ),
    Deed("too large", report("too large", STAYS, argument=typed(STAYS)), controls=sized(26)),
]


@pytest.fixture(scope="module")
def scene(play, sandbox_of):
    sandbox = sandbox_of(SYSTEM, "--strict", "--async-seconds", "0.1")
    return play(
        SYSTEM,
        sandbox,
        lambda installation: perform(installation, DEEDS),
        signers=signers_of(sandbox),
        section=section_of(sandbox, operations=OWN, transport={"ca_file": sandbox.ca_file, **BIG_WAITS}),
    )


def data_of(scene, name):
    reply = scene.reply(name)
    assert reply.kind == "accepted", reply.json
    return reply.json["data"]


def states(data):
    return {one["name"]: one["state"] for one in data["fields"]}


@pytest.mark.parametrize("name", [deed.name for deed in DEEDS])
def test_every_reply_keeps_to_its_schema(scene, name):
    check_reply(scene.reply(name))


@pytest.mark.parametrize("operation", FIELDS)
def test_every_typed_argument_is_one_that_a_strict_regix_takes(scene, operation):
    data = data_of(scene, operation)
    (done,) = executions(scene.ledger, operation)
    assert (done["operation"], done["deviations"]) == (data["operation"], [])
    assert data["signature"]["verdict"] == "trusted"


def test_the_report_of_a_register_without_a_namespace(scene):
    assert data_of(scene, SHEETS)["report"]["namespace"] is None


def test_the_same_report_by_two_certificates(scene):
    full, part = data_of(scene, "in full"), data_of(scene, "in part")
    assert states(full)["DeathDate"] == "given"
    assert states(part)["DeathDate"] == "no-access"
    hidden = [one["name"] for one in part["accessMatrix"]["properties"] if not one["hasAccess"]]
    assert hidden == ["DeathDate"]
    assert all(one["hasAccess"] for one in full["accessMatrix"]["properties"])
    # Of the living, the register has no such day: that is not the same.
    assert states(data_of(scene, "ValidPersonSearch"))["DeathDate"] == "absent"


def test_nested_fields_are_told_by_their_paths(scene):
    found = states(data_of(scene, "nested"))
    assert found["PersonNames.FirstName"] == "given"
    assert found["PersonNames.SurName"] == "no-access"
    assert found["EGN"] == "no-access"


def test_without_a_matrix_nothing_is_said_of_access(scene):
    data = data_of(scene, "without a matrix")
    assert data["accessMatrix"] is None
    assert set(states(data).values()) <= {"given", "empty"}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no access", "access-denied"),
        ("no access, later", "access-denied"),
        ("not active", "access-denied"),
        ("not found", "access-denied"),
        ("switched off", "not-found"),
        ("unknown contract", "not-found"),
        ("unknown method", "not-found"),
        ("too large", "unreadable-answer"),
    ],
)
def test_what_an_operator_must_resolve(scene, name, code):
    reply = scene.reply(name)
    assert (reply.kind, reply.json["code"], scene.attempts(name)) == ("failed", code, 1)
    assert reply.json["deadLetter"] is not None


@pytest.mark.parametrize(
    ("name", "consumer"), [("no access", CLINIC), ("not active", FORMER), ("not found", UNREGISTERED)]
)
def test_who_has_no_access_is_named_by_the_thumbprint(scene, name, consumer):
    ready = scene.installation.sandbox.ready
    (thumbprint,) = [one["thumbprint"] for one in ready["consumers"] if one["name"] == consumer]
    assert thumbprint in json.dumps(scene.reply(name).json)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no record", "Няма данни"),
        ("a core's error", "Error occurred! no"),
        ("a register's words", "Wrong verification code"),
        ("wrong root, later", "<ValidPersonRequest xmlns='urn:wrong'> was not expected."),
        ("wrong root", None),
    ],
)
def test_a_refusal_is_told_and_not_repeated(scene, name, reason):
    reply = scene.reply(name)
    (stated,) = reply.json["errors"]
    assert (reply.kind, stated["reason"]) == ("rejected", reason)
    assert [one.purpose for one in scene.details[name].attempts].count("submit") == 1


def test_a_register_that_does_not_answer_is_asked_again(scene):
    assert (scene.reply("for a moment").kind, scene.attempts("for a moment")) == ("accepted", 2)


def test_regix_may_answer_at_once_and_may_answer_later(scene):
    assert data_of(scene, "at once")["serviceCallId"]
    assert [one.purpose for one in scene.details["at once"].attempts] == ["submit"]
    assert data_of(scene, "unasked")["serviceCallId"]
    assert acknowledgements(scene.ledger, "unasked") == ["removed"]
    assert len(executions(scene.ledger, "unasked")) == 1


def test_whoever_is_not_known_has_an_empty_report(scene):
    assert "given" not in states(data_of(scene, "nobody")).values()


@pytest.mark.parametrize("how", SIGNATURES)
def test_the_verdict_on_a_signature(scene, how):
    verdict, detail = SIGNATURES[how]
    found = data_of(scene, f"signed {how}")["signature"]
    assert found["verdict"] == verdict
    assert detail is None or detail in found["detail"]


def test_a_report_that_nobody_wanted_signed(scene):
    assert data_of(scene, "unsigned")["signature"] == {"verdict": "absent"}


@pytest.mark.parametrize(("name", "least"), [("a megabyte", 1.5), ("large", 24), ("large, later", 24)])
def test_a_large_report_is_in_the_journal(scene, name, least):
    data = data_of(scene, name)
    assert (data["report"], data["fields"]) == (None, None)
    assert least * MEBIBYTE < data["bytes"] < 25 * MEBIBYTE
    assert scene.reply(name).json["answer"]["evidenceId"]
    assert max(len(one.answer or b"") for one in scene.details[name].attempts) > least * MEBIBYTE


def test_too_large_a_report_is_not_asked_for_again(scene):
    assert len(executions(scene.ledger, "too large")) == 1


def test_no_write_was_executed_twice(scene):
    assert scene.ledger["repeated_writes"] == []
