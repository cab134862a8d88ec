"""A wrong configuration ends the worker with status 2 and every problem in it; it never gets to a traceback."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.worker.installation import herald
from worker.cli.app import app

SECRET = "sekretna-parola-123"


def _refused(config: Path, command: str = "worker") -> str:
    """Return what the command tells; `check` runs in this process, for time."""
    if command == "worker":
        done = herald(command, "--config", config)
        code, out, told = done.returncode, done.stdout, done.stderr
    else:
        result = CliRunner(env={"HERALD_CONFIG": ""}).invoke(app, [command, "--config", str(config)])
        code, out, told = result.exit_code, result.stdout, result.stderr
    assert code == 2, told
    assert out == ""
    assert "Traceback" not in told
    assert SECRET not in told
    return told


@pytest.mark.parametrize("command", ["worker", "check"])
def test_all_problems_of_the_settings_are_reported_at_once(installation, command):
    config = installation.config(
        {
            "kafka": {"bootstrap_servers": "no port here", "security": {"password": SECRET}},
            "journal": {"dsn_file": "/nowhere/dsn", "lease_seconds": -1},
            "systems": {"nhis": {"api_url": "http://plain.example", "senders": {"dr-nobody": {"uin": "1"}}}},
            "retry": {"initial": 0, "operations": {"nhis.no-such": {}}},
            "speling": True,
        }
    )
    told = _refused(config, command)

    for problem in (
        "kafka.bootstrap_servers",
        "kafka.security.password",
        "journal.dsn_file",
        "journal.lease_seconds",
        "systems.nhis.api_url",
        "systems.nhis.senders.dr-nobody",
        "systems.nhis.senders.dr-nobody.uin",
        "retry.initial",
        "speling",
    ):
        assert problem in told, problem


@pytest.mark.parametrize("command", ["worker", "check"])
def test_all_problems_of_keys_and_schemas_are_reported_at_once(installation, tmp_path, command):
    wrong_password = tmp_path / "password"
    wrong_password.write_text(SECRET)
    empty = tmp_path / "no-schemas"
    empty.mkdir()
    names = [one["name"] for one in installation.nhis.signers]
    config = installation.config(
        {
            "signers": {
                names[0]: {"password_file": str(wrong_password)},
                names[1]: {"file": str(wrong_password)},
            },
            "systems": {"nhis": {"schema_dir": str(empty)}},
        }
    )
    told = _refused(config, command)

    assert f"signers.{names[0]}" in told
    assert f"signers.{names[1]}" in told
    assert "I001" in told


def test_a_file_that_is_no_yaml(tmp_path):
    config = tmp_path / "herald.yaml"
    config.write_text(f"kafka: [unclosed\npassword: {SECRET}\n")

    assert str(config) in _refused(config, "check")


def test_a_file_that_is_not_there(tmp_path):
    assert "nowhere.yaml" in _refused(tmp_path / "nowhere.yaml", "check")


def test_nothing_configured_at_all():
    done = CliRunner(env={"HERALD_CONFIG": ""}).invoke(app, ["worker"])

    assert done.exit_code == 2
    assert "kafka" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_probes_port_that_is_taken(installation):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = installation.config({"health": {"port": taken.getsockname()[1]}})

        assert "health" in _refused(config)


def test_a_journal_address_that_is_none(installation, tmp_path):
    dsn = tmp_path / "dsn"
    dsn.write_text(f"mysql://root:{SECRET}@nowhere/x")
    config = installation.config({"journal": {"dsn_file": str(dsn)}})

    assert "journal" in _refused(config)


def test_a_good_configuration_is_checked_without_contacting_anything(installation):
    nowhere = "127.0.0.1:1"
    config = installation.config(
        {"kafka": {"bootstrap_servers": nowhere}, "systems": {"nhis": {"api_url": f"https://{nowhere}"}}}
    )
    done = CliRunner(env={"HERALD_CONFIG": ""}).invoke(app, ["check", "--json", "--config", str(config)])

    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told["topics"]) == {
        installation.topics.submissions,
        installation.topics.results,
        installation.topics.errors,
        installation.topics.dead_letters,
    }
    assert {one["name"] for one in told["signers"]} == {one["name"] for one in installation.nhis.signers}
