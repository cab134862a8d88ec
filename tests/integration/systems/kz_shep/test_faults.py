"""Searches over SHEP: every fault, every way to sign, faults of the gateway. What left fits the XSD by lxml; its
signatures are verified by libxmlsec1 in the sandbox, which answers nothing else.
"""

from __future__ import annotations

import pytest
from lxml import etree

from schemas import shipped
from tests.support.systems.scene import BLOCKED, CERTAIN, FAULTS, Case, event, perform
from tests.support.worker.evidence import check_reply
from tests.support.worker.installation import SHORT_WAITS, signer_files

SYSTEM = "kz-shep"
SEARCH = "kz-shep.medical-exemption.search.v1"
OWN, BY_NCANODE = "clinic", "clinic-ncanode"
IIN, NUMBER = "550310201040", "01085"
# Loaded by lxml itself, without a line of the worker's.
XSD = etree.XMLSchema(file=str(shipped(SYSTEM) / "EHEALTH_MEDICAL_EXEMPTION_SEARCH.xsd"))
FAULTY = [name for name in FAULTS if name != "none"]


def search(name, data, signer=OWN):
    return event(name, SEARCH, signer, data)


CASES = [
    Case("by number", search("by number", {"number": NUMBER})),
    Case("by iin", search("by iin", {"iin": IIN})),
    Case(
        "by passport",
        search("by passport", {"passportNumber": "0012345678", "citizenshipCode": "SANDBOX-KG"}),
    ),
    Case("nothing found", search("nothing found", {"number": "99999"})),
    Case("by NCANode", search("by NCANode", {"number": NUMBER}, BY_NCANODE)),
    Case("wrong iin", search("wrong iin", {"iin": "550310201041"})),
    *(Case(fault, search(fault, {"number": NUMBER}), fault, {"way": "number"}) for fault in FAULTY),
]


@pytest.fixture(scope="module")
def scene(play, sandbox_of):
    sandbox = sandbox_of(SYSTEM)
    own, other = signer_files(sandbox.ready["signers"][:2]).values()
    signers = {
        OWN: own,
        BY_NCANODE: {"kind": "ncanode", "url": sandbox.url, "ca_file": sandbox.ca_file, **other},
    }
    section = {
        "url": sandbox.ready["gateway_url"],
        "senders": dict(zip(signers, sandbox.ready["senders"], strict=True)),
        "pinned_certificates": [sandbox.ready["gateway_certificate_file"]],
        "transport": {"ca_file": sandbox.ca_file, **SHORT_WAITS},
    }
    return play(
        SYSTEM, sandbox, lambda installation: perform(installation, CASES), signers=signers, section=section
    )


@pytest.mark.parametrize(
    ("name", "found"),
    [("by number", 1), ("by iin", 2), ("by passport", 1), ("nothing found", 0), ("by NCANode", 1)],
)
def test_a_search_finds(scene, name, found):
    reply = scene.reply(name)
    check_reply(reply)
    assert reply.kind == "accepted"
    assert reply.json["data"]["found"] == found
    assert scene.attempts(name) == 1


def test_every_message_that_left_fits_the_schema(scene):
    """As the journal keeps it, without its credentials."""
    kept = [attempt.request for detail in scene.details.values() for attempt in detail.attempts]
    assert len(kept) > len(CASES)
    for request in kept:
        message = etree.fromstring(request).find("{*}Body")[0]
        assert XSD.validate(message), XSD.error_log
        assert message.findtext(".//senderId") == "[removed]"


def test_the_certificates_come_whole(scene):
    data = scene.reply("by number").json["data"]
    (exemption,) = data["exemptions"]
    assert exemption["certificate"]["mediaType"] == "application/pdf"
    assert set(data["contents"]) == {
        exemption["certificate"]["sha256"],
        exemption["printableCertificate"]["sha256"],
    }


def test_a_wrong_iin_is_never_sent(scene):
    reply = scene.reply("wrong iin")
    check_reply(reply)
    assert (reply.kind, reply.json["code"], scene.attempts("wrong iin")) == (
        "failed",
        "contract-violation",
        0,
    )
    assert [problem["path"] for problem in reply.json["problems"]] == ["$.data.iin"]


@pytest.mark.parametrize("fault", [name for name in FAULTY if name not in BLOCKED])
def test_a_search_is_asked_again_whatever_became_of_its_answer(scene, fault):
    reply = scene.reply(fault)
    check_reply(reply)
    assert reply.kind == "accepted"
    assert reply.json["data"]["found"] == 1
    assert scene.attempts(fault) == 2
    first, second = scene.details[fault].attempts
    assert first.message_id != second.message_id


@pytest.mark.parametrize("fault", sorted(BLOCKED))
def test_what_only_an_operator_can_mend_is_a_dead_letter(scene, fault):
    reply = scene.reply(fault)
    check_reply(reply)
    assert (reply.kind, reply.json["code"], scene.attempts(fault)) == ("failed", BLOCKED[fault], 1)
    assert reply.json["deadLetter"] is not None


def test_what_was_certainly_not_done_is_in_no_ledger(scene):
    processed = [one for one in scene.requests if one["fault"] == "status"]
    assert not any(one["processed"] for one in processed)
    assert len(processed) == len(CERTAIN) + len(BLOCKED) + 2  # and the 500 and the 503
