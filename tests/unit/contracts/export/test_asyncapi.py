"""AsyncAPI's own parser takes the exported document, and refuses broken ones."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from contracts.dead_letters import DeadLetterFacts, Origin, dead_letter_headers
from contracts.export.asyncapi import document
from contracts.export.messages import DEAD_LETTER, messages
from contracts.registry import EVENT_TYPES, SYSTEMS
from tests.support.node import node_program, run_script


@pytest.fixture(scope="module")
def parse():
    """Run the parser on a file; return its exit code and findings."""
    node = node_program("@asyncapi/parser")

    def run(path):
        done = run_script(node, "validate.mjs", path)
        return done.returncode, done.stdout + done.stderr

    return run


def test_the_exported_document_is_valid(parse, root):
    code, findings = parse(root / "contracts" / "published" / "asyncapi.yaml")
    assert code == 0, findings


def _without_channel(found):
    del found["operations"]["nhis.submit"]["channel"]


def _with_a_dangling_reference(found):
    found["components"]["messages"]["nhis.immunization.cancel.v1"]["payload"]["$ref"] = (
        "#/components/schemas/No"
    )


def _with_a_wrong_action(found):
    found["operations"]["nhis.submit"]["action"] = "publish"


def _with_a_wrong_schema(found):
    found["components"]["schemas"]["CancelImmunization"]["type"] = "objekt"


@pytest.mark.parametrize(
    "spoil", [_without_channel, _with_a_dangling_reference, _with_a_wrong_action, _with_a_wrong_schema]
)
def test_a_broken_document_is_refused(parse, tmp_path, spoil):
    # As JSON, which is YAML too: PyYAML takes seconds for a document of this size.
    found = json.loads(json.dumps(document()))
    spoil(found)
    path = tmp_path / "broken.yaml"
    path.write_text(json.dumps(found), encoding="utf-8")
    code, findings = parse(path)
    assert code == 1, findings


def test_every_message_is_on_one_channel_of_its_system_or_on_one_of_each():
    found = document()
    placed = Counter(name for channel in found["channels"].values() for name in channel["messages"])
    assert set(placed) == set(found["components"]["messages"])
    common = {DEAD_LETTER, "herald.submission.failed.v1"}
    assert placed == {name: len(SYSTEMS) if name in common else 1 for name in placed}


def test_topics():
    channels = document()["channels"]
    assert {name: channel["address"] for name, channel in channels.items()} == {
        f"{system}.{topic}": f"herald.{system}.{topic}"
        for system in SYSTEMS
        for topic in ("submissions", "results", "errors", "dead-letters")
    } | {
        f"{system}.notifications": f"herald.{system}.notifications"
        for system in ("epayment", "edelivery", "eforms")
    }
    for system in SYSTEMS:
        events = {name for name, contract in EVENT_TYPES.items() if contract.system == system}
        assert set(channels[f"{system}.submissions"]["messages"]) == events
        results = channels[f"{system}.results"]["messages"]
        assert all(".accepted." in name or ".taken." in name for name in results)


def test_no_registry_host_is_in_the_lock_file(root):
    lock = (root / "tests" / "asyncapi" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert '"integrity"' in lock


def test_a_dead_letters_required_headers_are_those_that_every_one_has():
    origin = Origin("topic", 0, 0, 0)
    least = DeadLetterFacts(origin, "not-json", None, None, None, 0, None, None, 0)
    always = [name for name, _ in dead_letter_headers((), least)]
    assert messages()[DEAD_LETTER]["headers"]["required"] == always
