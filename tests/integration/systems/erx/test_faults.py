"""The eRx register: every operation, every fault; a prescription stands there once, whatever became of answers."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from contracts.erx import examples
from tests.support.systems.scene import BLOCKED, FAULTS, Case, event, perform
from tests.support.worker.evidence import check_reply
from tests.support.worker.installation import SHORT_WAITS, herald

SYSTEM = "erx"
ISSUE, REGISTER = "erx.prescription.issue.v1", "erx.user.register.v1"
DOCTOR, ADMIN = "dr-ivanova", "erx-admin"
SCHEMAS = Path(__file__).resolve().parents[4] / "schemas" / SYSTEM
FAULTY = [name for name in FAULTS if name != "none"]
SECRET = "invented-password-of-a-test"


def own_id(name):
    return "T" + name.replace(" ", "")


def prescription(name, **changes):
    data = copy.deepcopy(examples.ISSUE)
    data["category"] = "N"
    data["lines"] = data["lines"][:1]
    data["lines"][0]["internalId"] = own_id(name)
    return data | changes


def issue(name, data=None, key=None):
    return event(name, ISSUE, DOCTOR, data or prescription(name), key)


def ask(name, operation, data, signer=DOCTOR):
    return event(name, f"erx.{operation}.v1", signer, data)


def user(name, email):
    return {**examples.REGISTER, "username": name, "email": email, "credentials": "new-user"}


def changed(name):
    data = prescription(name)
    data["lines"][0]["dosage"]["text"] = "вечер"
    return data


def single(name):
    """The prescription's one id in both lines (appendix 1)."""
    data = prescription(name, lines=copy.deepcopy(examples.ISSUE["lines"]))
    for line in data["lines"]:
        line["internalId"] = own_id(name)
    return data


OLD = prescription("overtaken")
NEW = copy.deepcopy(OLD)
NEW["lines"][0]["dosage"]["text"] = "вечер"
PATIENT = {key: examples.ISSUE["patient"][key] for key in ("identifierType", "identifier")}
CASES = [
    Case("who", ask("who", "user.whoami", {})),
    Case("reserve", ask("reserve", "barcode.reserve", {"internalId": own_id("first")})),
    Case("first", issue("first")),
    Case("single id", issue("single id", single("single id"))),
    Case("changed", issue("changed", changed("first"))),
    Case("search", ask("search", "prescription.search", {"internalId": own_id("first")})),
    Case("nobody", ask("nobody", "prescription.search", {"internalId": "no-such-id"})),
    Case("dispensed", ask("dispensed", "dispensing.search", {"patient": PATIENT})),
    Case("pharmacy", ask("pharmacy", "pharmacy.search", {"barcode": "ERX1741944600N00088A"})),
    Case("barcode", ask("barcode", "barcode.generate", {"kind": "date", "code": "123123"})),
    Case("image", ask("image", "barcode.image", {"code": "ERX1741944600N00088A"})),
    Case("user", ask("user", "user.register", user("new-one", "new-one@hospital.example"), ADMIN)),
    Case("taken", ask("taken", "user.register", user("new-two", "new-one@hospital.example"), ADMIN)),
    Case("no admin", ask("no admin", "user.register", user("new-three", "n3@hospital.example"))),
    Case(
        "user lost",
        ask("user lost", "user.register", user("new-four", "new-four@hospital.example"), ADMIN),
        "drop-after",
        {"operation": "register"},
    ),
    Case("expired", issue("expired"), "expire-tokens", {"operation": "prescription"}),
    # The first version becomes a dead letter; the second one is written; then the first is replayed.
    Case("old version", issue("old version", OLD, "one"), "status 403", {"internalId": own_id("overtaken")}),
    Case("new version", issue("new version", NEW, "one")),
    *(Case(fault, issue(fault), fault, {"internalId": own_id(fault)}) for fault in FAULTY),
    *(
        Case(
            f"login {fault}",
            ask(f"login {fault}", "user.whoami", {}, "dr-petrov"),
            fault,
            {"operation": "login"},
        )
        for fault in ("status 503",)
    ),
]


@pytest.fixture(scope="module")
def scene(play, sandbox_of, tmp_path_factory):
    sandbox = sandbox_of(SYSTEM)
    secret = tmp_path_factory.mktemp("secrets") / "new-user"
    secret.write_text(SECRET, encoding="utf-8")
    users = {
        one["username"]: {
            "username": one["username"],
            "password_file": one["password_file"],
            "role": "admin" if one["username"] == ADMIN else "user",
        }
        for one in sandbox.ready["users"]
    }
    section = {
        "api_url": sandbox.url,
        "client": sandbox.ready["client"],
        "users": users,
        "secrets": {"new-user": {"password_file": str(secret)}},
        "transport": {"ca_file": sandbox.ca_file, **SHORT_WAITS},
    }
    return play(
        SYSTEM, sandbox, lambda installation: perform(installation, CASES), signers={}, section=section
    )


def in_register(scene, name):
    """The register's lines with the internal id of a case."""
    return [one for one in scene.ledger["prescriptions"] if own_id(name) in one["internalIds"]]


@pytest.mark.parametrize("case", [case.name for case in CASES])
def test_every_reply_keeps_to_its_schema(scene, case):
    check_reply(scene.reply(case))


@pytest.mark.parametrize(
    ("name", "version", "status"), [("first", "1", "created"), ("changed", "2", "updated")]
)
def test_a_prescription_is_issued_and_changed_under_the_same_ids(scene, name, version, status):
    reply = scene.reply(name)
    assert reply.kind == "accepted"
    (line,) = reply.json["data"]["lines"]
    assert (line["version"], line["status"]) == (version, status)
    assert len(in_register(scene, "first")) == 1


def test_a_barcode_is_reserved_before_the_prescription_and_one_id_serves_all_its_lines(scene):
    assert (
        scene.reply("reserve").json["data"]["barcodes"]
        == scene.reply("first").json["data"]["offlineBarcodes"]
    )
    both = scene.reply("single id").json["data"]
    assert (len(both["lines"]), len(both["offlineBarcodes"])) == (2, 1)
    assert len(in_register(scene, "single id")) == 1


@pytest.mark.parametrize(("name", "found"), [("search", 1), ("nobody", 0), ("dispensed", 0)])
def test_searches(scene, name, found):
    assert (scene.reply(name).kind, scene.reply(name).json["data"]["found"]) == ("accepted", found)


def test_the_other_requests(scene):
    assert scene.reply("who").json["data"]["username"] == DOCTOR
    assert scene.reply("barcode").json["data"]["barcode"].endswith("-123123")
    assert scene.reply("image").json["data"]["mediaType"] == "image/png"
    assert scene.reply("user").json["data"]["username"] == "new-one"


def test_a_business_error_reaches_the_reply_field_by_field(scene):
    for name, text in (("taken", "already exists"), ("pharmacy", "")):
        reply = scene.reply(name)
        assert reply.kind == "rejected"
        (error,) = reply.json["errors"]
        assert text in error["reason"]
        assert error["id"]


def test_only_an_administrator_registers(scene):
    reply = scene.reply("no admin")
    assert (reply.kind, scene.attempts("no admin")) == ("failed", 0)
    assert [problem["path"] for problem in reply.json["problems"]] == ["$.signer"]


def test_a_registration_whose_answer_was_lost_is_confirmed_by_the_new_users_own_login(scene):
    reply = scene.reply("user lost")
    assert (reply.kind, reply.json["data"]["alreadyRegistered"]) == ("accepted", True)
    assert [one["username"] for one in scene.ledger["users"]].count("new-four") == 1


def test_an_expired_token_is_renewed_once(scene):
    assert (scene.reply("expired").kind, scene.attempts("expired")) == ("accepted", 2)
    assert len(in_register(scene, "expired")) == 1


def test_a_login_that_fails_for_a_while_is_tried_again(scene):
    assert scene.reply("login status 503").kind == "accepted"


@pytest.mark.parametrize("fault", [name for name in FAULTY if name not in BLOCKED])
def test_a_prescription_stands_in_the_register_once_whatever_became_of_its_answer(scene, fault):
    reply = scene.reply(fault)
    assert reply.kind == "accepted"
    assert scene.attempts(fault) >= 2
    (line,) = in_register(scene, fault)
    assert str(line["version"]) == reply.json["data"]["lines"][0]["version"]


@pytest.mark.parametrize("fault", sorted(BLOCKED))
def test_what_only_an_operator_can_mend_is_a_dead_letter(scene, fault):
    reply = scene.reply(fault)
    assert (reply.kind, reply.json["code"], in_register(scene, fault)) == ("failed", BLOCKED[fault], [])


def test_what_was_sent_is_valid_by_the_schema(scene):
    validator = Draft202012Validator(json.loads((SCHEMAS / "prescription.json").read_text(encoding="utf-8")))
    sent = [
        json.loads(attempt.request)
        for name in ("first", "changed", *FAULTY)
        for attempt in scene.details[name].attempts
        if attempt.request
    ]
    assert len(sent) > len(FAULTY)
    for bundle in sent:
        validator.validate(bundle)


def test_no_password_is_in_the_journal(scene):
    for name in ("user", "user lost", "taken"):
        for attempt in scene.details[name].attempts:
            assert SECRET.encode() not in (attempt.request or b"")


def test_a_replay_never_writes_an_old_version_over_a_newer_one(scene):
    letter = scene.reply("old version").json["deadLetter"]["id"]
    done = herald("dead-letters", "replay", letter, "--config", scene.installation.config())
    assert "a later submission about the same record was sent since" in done.stdout + done.stderr
    (line,) = in_register(scene, "overtaken")
    assert (line["version"], line["written"]) == (1, 1)
    assert scene.installation.sandbox.ledger()["prescriptions"] == scene.ledger["prescriptions"]
