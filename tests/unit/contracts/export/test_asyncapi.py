"""AsyncAPI's own parser takes the exported document, and refuses broken ones."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from contracts.dead_letters import DeadLetterFacts, Origin, dead_letter_headers
from contracts.export.asyncapi import document
from contracts.export.messages import DEAD_LETTER, messages
from contracts.registry import EVENT_TYPES, SYSTEMS
from tests.support.node import TIMEOUT_OF_LONG_SCRIPTS, node_program, run_script

# The parser takes 8 s for the five documents where nothing else runs, and a minute beside the chaos run.
pytestmark = pytest.mark.timeout(300)

WARNING = 1
"""Spectral counts 0 error, 1 warning, 2 information, 3 hint."""


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


BROKEN = (_without_channel, _with_a_dangling_reference, _with_a_wrong_action, _with_a_wrong_schema)


@pytest.fixture(scope="module")
def exported():
    """The document as JSON, which is YAML too: PyYAML takes seconds for a document of this size."""
    return json.dumps(document())


@pytest.fixture(scope="module")
def findings(root, exported, tmp_path_factory):
    """What the parser says of the exported document and of each broken one; its start takes as long as one."""
    folder = tmp_path_factory.mktemp("broken")
    paths = {"": root / "contracts" / "published" / "asyncapi.yaml"}
    for spoil in BROKEN:
        found = json.loads(exported)
        spoil(found)
        paths[spoil.__name__] = folder / f"{spoil.__name__}.yaml"
        paths[spoil.__name__].write_text(json.dumps(found), encoding="utf-8")
    node = node_program("@asyncapi/parser")
    done = run_script(node, "validate.mjs", *paths.values(), timeout=TIMEOUT_OF_LONG_SCRIPTS)
    assert done.returncode == 0, done.stderr
    return dict(zip(paths, map(json.loads, done.stdout.splitlines()), strict=True))


def test_the_exported_document_is_valid(findings):
    assert [one for one in findings[""] if one["severity"] <= WARNING] == []


@pytest.mark.parametrize("spoil", BROKEN)
def test_a_broken_document_is_refused(findings, spoil):
    assert any(one["severity"] <= WARNING for one in findings[spoil.__name__])


def test_every_message_is_on_one_channel_of_its_system_or_on_one_of_each(exported):
    found = json.loads(exported)
    placed = Counter(name for channel in found["channels"].values() for name in channel["messages"])
    assert set(placed) == set(found["components"]["messages"])
    common = {DEAD_LETTER, "herald.submission.failed.v1"}
    assert placed == {name: len(SYSTEMS) if name in common else 1 for name in placed}


def test_topics(exported):
    channels = json.loads(exported)["channels"]
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
