"""What is wrong with `authorisations` and `submission_topics`, and what only looks wrong."""

from __future__ import annotations

from copy import deepcopy

import pytest

from worker.settings.authorisation_checks import NONE_GIVEN, doubtful_authorisations, signers_of
from worker.settings.load import load
from worker.settings.problems import BadConfiguration
from worker.settings.systems import SYSTEMS

ENTRY = {"sources": ["/hospitals/a/*"], "signers": ["dr-a"], "operations": ["immunization.*"]}
TOPIC = {"system": "nhis", "topic": "herald.nhis.submissions.a", "sources": ["/hospitals/a/*"]}


def problems(write, document):
    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})
    return {one.path: one.message for one in refused.value.problems}


def loaded(write, document, **changes):
    return load(write({**document, **changes}), {})


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"systems": ["nhis", "nihs"]}, "authorisations[0].systems[1]", "this system does not exist"),
        ({"systems": []}, "authorisations[0].systems", "at least one"),
        ({"topics": []}, "authorisations[0].topics", "at least one"),
        ({"signers": []}, "authorisations[0].signers", "at least one"),
        ({"sources": ["/a/*", "/b c"]}, "authorisations[0].sources[1]", "must be a plain pattern"),
        ({"signers": ["dr-[ab]"]}, "authorisations[0].signers[0]", "must be a plain pattern"),
        (
            {"operations": ["immunisation.*"]},
            "authorisations[0].operations[0]",
            "no operation has such a name",
        ),
        # Not with the system's name, as in `retry.operations`: it would allow nothing.
        ({"operations": ["nhis.*"]}, "authorisations[0].operations[0]", "immunization.register"),
        (
            {"systems": ["kz-shep"], "operations": ["immunization.*"]},
            "authorisations[0].operations[0]",
            "medical-exemption.search",
        ),
        ({"surces": ["/a"]}, "authorisations[0].surces", "does not exist"),
    ],
)
def test_a_wrong_entry_is_a_problem_with_its_path(write, document, changes, path, words):
    found = problems(write, {**document, "authorisations": [{**ENTRY, **changes}]})
    assert list(found) == [path]
    assert words in found[path]


@pytest.mark.parametrize("left_out", ["sources", "signers", "operations"])
def test_an_entry_must_say_all_three(write, document, left_out):
    entry = {name: value for name, value in ENTRY.items() if name != left_out}
    assert problems(write, {**document, "authorisations": [entry]}) == {
        f"authorisations[0].{left_out}": "is required"
    }


@pytest.mark.parametrize(
    ("topics", "path", "words"),
    [
        ([{**TOPIC, "system": "nihs"}], "submission_topics[0].system", "does not exist"),
        ([TOPIC, {**TOPIC, "sources": ["/b"]}], "submission_topics[1].topic", "named twice"),
        (
            [{**TOPIC, "topic": "herald.nhis.dead-letters"}],
            "submission_topics[0].topic",
            "replies or dead letters",
        ),
        ([{**TOPIC, "topic": "herald.nhif.submissions"}], "submission_topics[0].topic", "another system"),
        ([{**TOPIC, "topic": "a topic"}], "submission_topics[0].topic", "a topic's name"),
    ],
)
def test_a_wrong_topic_is_a_problem_with_its_path(write, document, topics, path, words):
    document = deepcopy(document)
    document["systems"]["nhif"] = {"senders": ["dr-a"]}
    found = problems(write, {**document, "submission_topics": topics})
    assert list(found) == [path]
    assert words in found[path]


def test_without_any_entry_it_is_told(write, document):
    assert doubtful_authorisations(loaded(write, document)) == [NONE_GIVEN]


def test_an_entry_that_allows_all_is_without_doubt(write, document):
    assert doubtful_authorisations(loaded(write, document, authorisations=[ENTRY])) == []


def test_patterns_that_fit_nothing_and_signers_that_nobody_may_use_are_told(write, document):
    entry = {**ENTRY, "signers": ["dr-b", "dr-*x"], "topics": ["herald.nhis.submission"]}

    told = doubtful_authorisations(loaded(write, document, authorisations=[entry]))

    assert told == [
        "authorisations[0].signers[0]: none of the signers of its systems has such a name",
        "authorisations[0].signers[1]: none of the signers of its systems has such a name",
        "authorisations[0].topics[0]: none of the topics of its systems has such a name",
        "systems.nhis: no entry of authorisations allows the signer dr-a",
    ]


def test_an_entry_for_a_system_that_is_not_served_here_starts_a_worker(write, document):
    told = doubtful_authorisations(
        loaded(
            write,
            document,
            authorisations=[ENTRY, {**ENTRY, "systems": ["erx"], "operations": ["*"]}],
        )
    )
    assert told == ["authorisations[1].signers[0]: none of the signers of its systems has such a name"]


def test_the_signers_of_every_system_are_found():
    """A system whose section names them otherwise would be told nothing."""
    sections = {
        "nhis": {"senders": {"one": {}}},
        "nhif": {"senders": ("one",)},
        "erx": {"users": {"one": {}}},
        "kz-shep": {"senders": {"one": {}}},
        "regix": {"senders": ("one",)},
        "epayment": {"clients": {"one": {}}},
        "edelivery": {"senders": ("one",)},
        "eforms": {"senders": ("one",)},
        "peu": {"users": {"one": {}}, "senders": ("one",)},
    }
    assert set(sections) == set(SYSTEMS)
    from types import SimpleNamespace

    for system in SYSTEMS:
        section = SimpleNamespace(**sections[system])
        settings = SimpleNamespace(systems=SimpleNamespace(of=lambda _, section=section: section))
        assert list(signers_of(settings, system)) == ["one"]  # type: ignore[arg-type]


def test_a_system_has_the_topics_that_are_listed_and_no_other(write, document):
    settings = loaded(write, document, submission_topics=[TOPIC])
    assert settings.routing_of("nhis").submissions == ("herald.nhis.submissions.a",)
    assert settings.routing_of("erx").submissions == ("herald.erx.submissions",)
    assert settings.routing_of("nhis").topics[0] == "herald.nhis.submissions.a"
