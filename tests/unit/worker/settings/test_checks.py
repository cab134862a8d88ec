"""Names that must fit together: of senders and signers, of systems and operations, of files."""

from __future__ import annotations

from pathlib import Path

import pytest

from worker.settings.load import load
from worker.settings.problems import BadConfiguration


def test_senders_of_a_list_are_checked_as_those_of_a_mapping(write, document):
    document["systems"]["nhif"] = {"senders": ["dr-a", "dr-b"]}
    document["systems"]["nhis"]["senders"]["dr-c"] = {"uin": "2300000002"}
    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})
    assert {(one.path, one.message) for one in refused.value.problems} == {
        ("systems.nhif.senders[1]", "there is no such name under signers"),
        ("systems.nhis.senders.dr-c", "there is no such name under signers"),
    }


def test_senders_of_a_list_that_are_signers(write, document):
    document["systems"]["nhif"] = {"senders": ["dr-a"]}
    assert load(write(document), {}).systems.nhif.senders == ("dr-a",)


def test_a_catalogue_file_must_be_there(write, document):
    document["systems"]["nhif"] = {"catalogue_file": "own.yaml"}
    with pytest.raises(BadConfiguration, match=r"systems\.nhif\.catalogue_file: there is no file own\.yaml"):
        load(write(document), {})
    Path("own.yaml").write_text("services: []")
    assert load(write(document), {}).systems.nhif.catalogue_file == Path("own.yaml")


def test_limits_of_a_system_that_does_not_exist_are_a_problem(write, document):
    document["limits"] = {"systems": {"nihs": {"in_flight": 5}}}

    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})

    (problem,) = refused.value.problems
    assert problem.path == "limits.systems.nihs"
    assert "nhis" in problem.message


def test_an_operation_that_does_not_exist_is_a_problem(write, document):
    document["retry"] = {"operations": {"nhis.immunisation.search": {"give_up_after": 600}}}

    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})

    (problem,) = refused.value.problems
    assert problem.path == "retry.operations.nhis.immunisation.search"
    assert "nhis.immunization.search" in problem.message
