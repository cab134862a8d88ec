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
        ("systems.nhif.senders[1]", "`signers` has no such name"),
        ("systems.nhis.senders.dr-c", "`signers` has no such name"),
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


@pytest.mark.parametrize(("section", "own"), [("limits", {"in_flight": 5}), ("asking", {"first": 5})])
def test_limits_and_schedules_of_a_system_that_does_not_exist_are_a_problem(write, document, section, own):
    document[section] = {"systems": {"nihs": own}}

    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})

    (problem,) = refused.value.problems
    assert problem.path == f"{section}.systems.nihs"
    assert "nhis" in problem.message


@pytest.mark.parametrize("section", ["retry", "asking"])
def test_an_operation_that_does_not_exist_is_a_problem(write, document, section):
    document[section] = {"operations": {"nhis.immunisation.search": {"give_up_after": 600}}}

    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})

    (problem,) = refused.value.problems
    assert problem.path == f"{section}.operations.nhis.immunisation.search"
    assert "nhis.immunization.search" in problem.message


def test_the_files_of_signers_are_the_signers_affair(write, document):
    """One that is missing stops its own submissions, and says so; nobody else waits for it."""
    document["signers"]["dr-a"] = {"file": "missing.p12", "password_file": "missing"}
    assert load(write(document), {}).signers["dr-a"].file == Path("missing.p12")


def test_a_file_without_an_address_of_postgresql_is_reported(write, document):
    Path("dsn").write_text("postgresql+asyncpg://herald:invented@127.0.0.1/herald\n")
    with pytest.raises(BadConfiguration) as caught:
        load(write(document), {})
    (problem,) = caught.value.problems
    assert str(problem).startswith("journal.dsn_file: the journal's address must begin with postgresql://")
    assert "invented" not in str(problem)


def test_an_encryption_key_that_is_none_is_reported_without_showing_it(write, document, tmp_path):
    (tmp_path / "short").write_text("secret-word")
    document["journal"]["encryption"] = {"keys": {"k": {"key_file": str(tmp_path / "short")}}}
    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})
    (problem,) = refused.value.problems
    assert problem.path == "journal.encryption.keys.k"
    assert "secret-word" not in problem.message
