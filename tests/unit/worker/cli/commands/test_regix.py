"""`herald regix operations` and what `herald check` says of the certificates that RegiX knows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives import hashes
from typer.testing import CliRunner

from tests.support.signing.certificates import issue
from worker.cli.app import app

OWN = {"GetNews": {"operation": "New.API.INewAPI.GetNews", "title": "News", "writes": False}}
ISSUED = issue("regix-client.hospital.example")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "regix.p12").write_bytes(ISSUED.pkcs12("word"))
    (tmp_path / "password").write_text("word")
    (tmp_path / "dsn").write_text("postgresql://db.invalid/herald")
    settings = {
        "kafka": {"bootstrap_servers": ["kafka.invalid:9092"]},
        "journal": {"dsn_file": f"{tmp_path}/dsn"},
        "signers": {"regix": {"file": f"{tmp_path}/regix.p12", "password_file": f"{tmp_path}/password"}},
        "systems": {"regix": {"senders": ["regix"], "operations": OWN}},
        "authorisations": [{"sources": ["*"], "signers": ["*"], "operations": ["*"]}],
    }
    file = tmp_path / "herald.yaml"
    file.write_text(yaml.safe_dump(settings))
    return file


def ran(*args: str, config: str = "") -> str:
    done = CliRunner(env={"HERALD_CONFIG": config, "COLUMNS": "250"}).invoke(app, args)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_all_operations_are_listed():
    head, *rows = ran("regix", "operations").splitlines()

    assert head.split()[:2] == ["name", "register"]
    assert len(rows) == 227
    (found,) = [row for row in rows if row.startswith("ValidPersonSearch ")]
    assert "typed" in found
    assert found.split()[-2:] == ["confirmed", "repeat"]


def test_as_json():
    listed = {one["name"]: one for one in json.loads(ran("regix", "operations", "--json"))}

    assert len(listed) == 227
    assert listed["SendNotaryDocuments"] == {
        "name": "SendNotaryDocuments",
        "operation": "TechnoLogica.RegiX.MFANotariesAdapter.APIService.IMFANotariesAPI.SendNotaryDocuments",
        "title": "Send notary documents",
        "register": "Ministry of Foreign Affairs (МВнР): certification of documents of notaries",
        "writes": True,
        "mark": "inferred",
        "recovery": "hold",
        "argument": "xml",
    }


def test_a_configurations_own_operations_are_listed_too(config):
    by_option = json.loads(ran("regix", "operations", "--json", "--config", str(config)))
    by_variable = json.loads(ran("regix", "operations", "--json", config=str(config)))

    assert by_option == by_variable
    assert len(by_option) == 228
    assert [one["mark"] for one in by_option if one["name"] == "GetNews"] == ["settings"]


def test_check_names_the_certificate_by_its_thumbprint_and_end(config):
    thumbprint = ISSUED.certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303 - a name
    ends = ISSUED.certificate.not_valid_after_utc

    (line,) = [row for row in ran("check", config=str(config)).splitlines() if thumbprint in row]
    assert line.split()[:2] == ["regix", "regix"]
    assert "CN=regix-client.hospital.example" in line
    assert f"{ends:%Y-%m-%d %H:%M:%S}" in line
    assert json.loads(ran("check", "--json", config=str(config)))["presented"] == [
        {
            "system": "regix",
            "signer": "regix",
            "thumbprint": thumbprint,
            "subject": "CN=regix-client.hospital.example",
            "expires": ends.isoformat(),
        }
    ]
