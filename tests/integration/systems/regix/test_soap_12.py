"""The endpoint of SOAP 1.2 with WS-Addressing: all three messages, by a stand-in that is strict about their form."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.support.systems.regix.scene import (
    CLINIC,
    SYSTEM,
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

ADDRESSING = {"a": "http://www.w3.org/2005/08/addressing"}
DEEDS = [
    Deed("at once", report("at once")),
    Deed("later", report("later", asynchronous=True)),
    Deed("lost", report("lost"), "drop-after", {"operation": "Execute"}),
    Deed("fault", report("fault"), "status-after 500", {"operation": "Execute"}),
    Deed("denied", report("denied", "RelationsSearch", signer=CLINIC)),
    Deed("unknown", report("unknown", "GetNothing", xml="<a xmlns='urn:a'/>")),
    Deed("written", writing("written"), "drop-after", {"operation": "Execute"}),
]
OWN = {"GetNothing": {"operation": "TechnoLogica.RegiX.Invented.API.IInvented.GetNothing", "writes": False}}


@pytest.fixture(scope="module")
def scene(play, sandbox_of):
    sandbox = sandbox_of(SYSTEM, "--strict", "--async-seconds", "0.1")
    return play(
        SYSTEM,
        sandbox,
        lambda installation: perform(installation, DEEDS),
        signers=signers_of(sandbox),
        section=section_of(sandbox, url=sandbox.ready["soap12_url"], soap="1.2", operations=OWN),
    )


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        ("at once", "accepted", None),
        ("later", "accepted", None),
        ("lost", "accepted", None),
        ("fault", "accepted", None),
        ("denied", "failed", "access-denied"),
        ("unknown", "failed", "not-found"),
        ("written", "held", "outcome-unknown"),
    ],
)
def test_the_outcome(scene, name, kind, code):
    reply = scene.reply(name)
    check_reply(reply)
    assert (reply.kind, reply.json.get("code")) == (kind, code)


def test_every_message_came_in_soap_12_and_in_the_documented_form(scene):
    done = scene.ledger["executions"]
    assert {one["soap"] for one in done} == {"1.2"}
    listed = [*done, *scene.ledger["checks"], *scene.ledger["acknowledgements"]]
    assert [one["deviations"] for one in listed if one["deviations"]] == []
    assert acknowledgements(scene.ledger, "later") == ["removed"]
    assert len(executions(scene.ledger, "written")) == 1


def test_each_message_has_a_number_of_its_own_and_the_address(scene):
    sent = [one for detail in scene.details.values() for one in detail.attempts]
    headers = [etree.fromstring(one.request) for one in sent]
    numbers = [header.findtext(".//a:MessageID", namespaces=ADDRESSING) for header in headers]
    assert numbers == [f"urn:uuid:{one.message_id}" for one in sent]
    assert len(set(numbers)) == len(numbers)
    assert {header.findtext(".//a:To", namespaces=ADDRESSING) for header in headers} == {
        scene.installation.sandbox.ready["soap12_url"]
    }
