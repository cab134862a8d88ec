"""`herald signers`: what it prints and how it ends."""

import json

from typer.testing import CliRunner

from tests.support.signing.certificates import NOW, YEAR, issue
from worker.cli.app import app


def configuration(tmp_path):
    (tmp_path / "password").write_text("word")
    (tmp_path / "dsn").write_text("postgresql://db.invalid/herald")
    for name, one in {
        "good": issue("Good"),
        "old": issue("Old", start=NOW - 2 * YEAR, end=NOW - YEAR),
    }.items():
        (tmp_path / f"{name}.p12").write_bytes(one.pkcs12("word"))
    files = {name: {"file": f"{tmp_path}/{name}.p12"} for name in ("good", "old", "missing")}
    document = {
        "kafka": {"bootstrap_servers": "k:1"},
        "journal": {"dsn_file": f"{tmp_path}/dsn"},
        "systems": {"nhis": {}},
        "signers": {name: one | {"password_file": f"{tmp_path}/password"} for name, one in files.items()},
    }
    (tmp_path / "herald.yaml").write_text(json.dumps(document))
    return str(tmp_path / "herald.yaml")


def herald(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_list_show_and_test(tmp_path):
    config = configuration(tmp_path)
    listed = herald("signers", "list", "--config", config, "--json")
    assert listed.exit_code == 0
    found = {one["name"]: one for one in json.loads(listed.stdout)}
    assert found["good"]["certificate"]["days_left"] >= 364
    assert "expired on" in found["old"]["problem"]
    assert "cannot be read" in found["missing"]["problem"]
    table = herald("signers", "list", "--config", config)
    assert table.exit_code == 0
    assert "days left" in table.stdout

    shown = herald("signers", "show", "good", "--config", config)
    assert shown.exit_code == 0
    assert found["good"]["certificate"]["serial"] in shown.stdout
    ended = herald("signers", "show", "old", "--config", config, "--json")
    assert ended.exit_code == 1
    assert json.loads(ended.stdout)["certificate"]["days_left"] < 0
    assert "Signer old cannot sign: " in ended.stderr

    tried = herald("signers", "test", "good", "--config", config, "--json")
    assert (tried.exit_code, json.loads(tried.stdout)["name"]) == (0, "good")
    assert (
        "made a signature that its certificate verifies"
        in herald("signers", "test", "good", "--config", config).stderr
    )
    for name in ("old", "missing"):
        refused = herald("signers", "test", name, "--config", config)
        assert (refused.exit_code, refused.stdout) == (1, "")
    assert herald("signers", "test", "nobody", "--config", config).exit_code == 2


def test_trust_anchors_that_cannot_be_read_are_wrong_configuration(tmp_path):
    config = configuration(tmp_path)
    document = json.loads((tmp_path / "herald.yaml").read_text())
    document["signing"] = {"trust_anchors": f"{tmp_path}/none.pem"}
    (tmp_path / "herald.yaml").write_text(json.dumps(document))
    for command in (("signers", "list"), ("check",)):
        ended = herald(*command, "--config", config)
        assert ended.exit_code == 2
        assert "signing.trust_anchors: the file" in ended.stderr
