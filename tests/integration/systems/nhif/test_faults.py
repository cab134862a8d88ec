"""NHIF's services: every fault for reads and for documents; parameters, certificates and rules of the catalogue."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter

import pytest

from tests.support.systems.scene import BLOCKED, CERTAIN, FAULTS, Case, event, perform
from tests.support.worker.evidence import check_reply
from tests.support.worker.installation import SHORT_WAITS, signer_files

SYSTEM, READ, SUBMIT = "nhif", "nhif.service.read.v1", "nhif.document.submit.v1"
DOCTOR, OUTSIDER = "dr-ivanova", "outsider"
LIST = {"module": "example", "version": "v1", "service": "LIST01"}
XML_LIST = {"module": "example", "version": "v1", "service": "LIST02"}
QUERY_LIST = {"module": "example", "version": "v1", "service": "LIST03"}
PBR001 = {"module": "pspsmi", "version": "v1.2", "service": "PBR001"}
REPEATED = {"module": "example", "version": "v1", "service": "DOC01"}
AWKWARD = "../A/Б?в=1 %2F;x#y&z"
PDF = base64.b64encode(b"%PDF-1.4\n\xff\r\n").decode()
PARTS = [
    {"name": "data", "json": {"invented": "Измислен"}},
    {"name": "file", "fileName": "справка.pdf", "mediaType": "application/pdf", "base64": PDF},
]
CATALOGUE = """\
services:
  - module: example
    version: v1
    service: LIST01
    method: GET
    parameters: [{name: code, type: string}, {name: day, type: date, required: false}]
  - {module: example, version: v1, service: LIST02, method: GET}
  - module: example
    version: v1
    service: LIST03
    method: GET
    parameters: [{name: page, type: string, in: query}, {name: fromDate, type: date, in: query, required: false}]
  - {module: example, version: v1, service: DOC01, method: POST, body: {media: any}, recovery: repeat}
"""
FAULTY = [name for name in FAULTS if name != "none"]
UNSEEN = {"wrong-answer"}
"""Nothing public says what an answer holds: one that came whole with 200 is taken as it is."""
AGAIN = [name for name in FAULTY if name not in {*BLOCKED, *UNSEEN}]


def read(name, data, signer=DOCTOR):
    return event(name, READ, signer, data)


def submit(name, data, signer=DOCTOR):
    return event(name, SUBMIT, signer, data)


def document(name):
    return {"invented": name}


CASES = [
    Case("list", read("list", {**LIST, "parameters": {"code": AWKWARD, "day": "2025-03-01"}})),
    Case("xml list", read("xml list", XML_LIST)),
    Case("json", submit("json", {**PBR001, "json": document("json")})),
    Case("xml", submit("xml", {**PBR001, "xml": "<invented>Измислен</invented>"})),
    Case("query", read("query", {**QUERY_LIST, "parameters": {"page": AWKWARD, "fromDate": "2025-03-01"}})),
    Case("bytes", submit("bytes", {**PBR001, "binary": {"base64": PDF, "mediaType": "application/pdf"}})),
    Case("parts", submit("parts", {**PBR001, "multipart": PARTS})),
    Case("broken", read("broken", {**LIST, "parameters": {"kode": "1", "day": "2025-02-30"}})),
    Case("unknown", read("unknown", {**LIST, "service": "LIST99"})),
    Case("outsider", read("outsider", {**XML_LIST}, OUTSIDER)),
    Case(
        "repeated",
        submit("repeated", {**REPEATED, "json": document("repeated")}),
        "drop-after",
        {"service": "example/v1/DOC01"},
    ),
    *(
        Case(f"read {fault}", read(f"read {fault}", XML_LIST), fault, {"service": "example/v1/LIST02"})
        for fault in FAULTY
    ),
    *(
        Case(
            f"submit {fault}",
            submit(f"submit {fault}", {**PBR001, "json": document(fault)}),
            fault,
            {"service": "pspsmi/v1.2/PBR001"},
        )
        for fault in FAULTY
    ),
]


@pytest.fixture(scope="module")
def scene(play, sandbox_of, tmp_path_factory):
    sandbox = sandbox_of(SYSTEM)
    catalogue = tmp_path_factory.mktemp("catalogue") / "catalogue.yaml"
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    signers = signer_files(sandbox.ready["signers"][:1])
    stranger = {name: value.replace(DOCTOR, OUTSIDER) for name, value in signers[DOCTOR].items()}
    section = {
        "api_url": sandbox.url,
        "senders": [DOCTOR, OUTSIDER],
        "catalogue_file": str(catalogue),
        "transport": {"ca_file": sandbox.ca_file, **SHORT_WAITS},
    }
    changes = {"retry": {"initial": 0.2, "maximum": 1, "give_up_after": 8}}
    return play(
        SYSTEM,
        sandbox,
        lambda installation: perform(installation, CASES, changes),
        signers={**signers, OUTSIDER: stranger},
        section=section,
    )


def sent(value):
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


@pytest.fixture(scope="module")
def taken(scene):
    """How often NHIF took each document, by its hash."""
    return Counter(one["sha256"] for one in scene.ledger["documents"])


def test_a_parameter_arrives_as_it_was_given(scene):
    reply = scene.reply("list")
    check_reply(reply)
    content = reply.json["data"]["content"]["json"]
    assert (content["parameter1"], content["parameter2"]) == (AWKWARD, "2025-03-01")


def test_parameters_of_the_query_arrive_as_they_were_given(scene):
    reply = scene.reply("query")
    check_reply(reply)
    content = reply.json["data"]["content"]["json"]
    assert (content["query_page"], content["query_fromDate"]) == (AWKWARD, "2025-03-01")


def test_bytes_and_several_documents_arrive_as_they_were_given(scene, taken):
    for name in ("bytes", "parts"):
        check_reply(scene.reply(name))
        assert scene.reply(name).kind == "accepted"
    file = hashlib.sha256(base64.b64decode(PDF)).hexdigest()
    assert taken[file] == 1
    (several,) = [one for one in scene.ledger["documents"] if one["parts"]]
    assert [(one["name"], one["file_name"], one["sha256"]) for one in several["parts"]] == [
        ("data", None, sent(PARTS[0]["json"])),
        ("file", "справка.pdf", file),
    ]


def test_xml_is_kept_as_it_came(scene):
    reply = scene.reply("xml list")
    check_reply(reply)
    data = reply.json["data"]
    assert data["mediaType"] == "application/xml"
    assert data["content"]["xml"] == reply.json["answer"]["body"]


@pytest.mark.parametrize("name", ["json", "xml"])
def test_a_document_arrives_byte_for_byte(scene, taken, name):
    check_reply(scene.reply(name))
    body = (
        sent(document("json"))
        if name == "json"
        else hashlib.sha256("<invented>Измислен</invented>".encode()).hexdigest()
    )
    assert (scene.reply(name).kind, taken[body]) == ("accepted", 1)


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("broken", {"$.data.parameters.kode", "$.data.parameters.code", "$.data.parameters.day"}),
        ("unknown", {"$.data.service"}),
    ],
)
def test_what_the_catalogue_does_not_allow_is_never_sent(scene, name, paths):
    reply = scene.reply(name)
    check_reply(reply)
    assert (reply.kind, scene.attempts(name)) == ("failed", 0)
    assert {problem["path"] for problem in reply.json["problems"]} == paths


def test_a_certificate_that_tls_refuses_is_an_operators_matter(scene):
    reply = scene.reply("outsider")
    check_reply(reply)
    assert reply.kind == "failed"
    assert "tls" in reply.json["message"].lower() or reply.json["code"] == "retries-exhausted"


def test_a_document_whose_entry_declares_repeat_is_sent_again(scene, taken):
    assert scene.reply("repeated").kind == "accepted"
    assert (scene.attempts("repeated"), taken[sent(document("repeated"))]) == (2, 2)


@pytest.mark.parametrize("fault", AGAIN)
def test_a_read_is_asked_again(scene, fault):
    reply = scene.reply(f"read {fault}")
    check_reply(reply)
    assert (reply.kind, scene.attempts(f"read {fault}")) == ("accepted", 2)


@pytest.mark.parametrize("fault", sorted(UNSEEN))
def test_an_answer_that_cannot_be_known_for_wrong_is_kept_as_it_came(scene, fault):
    reply = scene.reply(f"read {fault}")
    check_reply(reply)
    assert (reply.kind, scene.attempts(f"read {fault}")) == ("accepted", 1)


@pytest.mark.parametrize("fault", [name for name in AGAIN if name not in CERTAIN])
def test_a_document_whose_outcome_is_unknown_is_held_and_never_sent_again(scene, taken, fault):
    name = f"submit {fault}"
    reply = scene.reply(name)
    check_reply(reply)
    assert (reply.kind, reply.json["code"], scene.attempts(name)) == ("held", "outcome-unknown", 1)
    assert taken[sent(document(fault))] <= 1


@pytest.mark.parametrize("fault", sorted(CERTAIN))
def test_a_document_that_was_certainly_not_taken_is_sent_again(scene, taken, fault):
    name = f"submit {fault}"
    assert (scene.reply(name).kind, scene.attempts(name)) == ("accepted", 2)
    assert taken[sent(document(fault))] == 1


@pytest.mark.parametrize("what", ["read", "submit"])
@pytest.mark.parametrize("fault", sorted(BLOCKED))
def test_what_only_an_operator_can_mend_is_a_dead_letter(scene, what, fault):
    reply = scene.reply(f"{what} {fault}")
    check_reply(reply)
    assert (reply.kind, reply.json["code"]) == ("failed", BLOCKED[fault])
    assert scene.attempts(f"{what} {fault}") == 1
