import json
import ssl
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from tests.support.signing.certificates import issue
from worker.cli.app import app

CASES = Path(__file__).parents[2] / "unit/worker/signing/keys/cases"


@pytest.fixture
def config(tmp_path):
    for name in ("doctor", "clinic"):
        Path(tmp_path / f"{name}.p12").write_bytes(issue(name).pkcs12("word"))
    (tmp_path / "password").write_text("word")
    (tmp_path / "dsn").write_text("postgresql://db.invalid/herald")
    doctor, clinic = (
        {"file": f"{tmp_path}/{name}.p12", "password_file": f"{tmp_path}/password"}
        for name in ("doctor", "clinic")
    )
    settings = {
        "kafka": {"bootstrap_servers": ["kafka.invalid:9092"]},
        "journal": {"dsn_file": f"{tmp_path}/dsn"},
        "signers": {
            "doctor": doctor,
            "clinic": clinic | {"kind": "ncanode", "url": "http://127.0.0.1:9"},
        },
        "systems": {"nhis": {"senders": {"doctor": {"uin": "2300000001"}}}},
        "authorisations": [{"sources": ["*"], "signers": ["*"], "operations": ["*"]}],
    }
    file = tmp_path / "herald.yaml"
    file.write_text(yaml.safe_dump(settings))
    return file


def check(config, *options):
    done = CliRunner(env={"HERALD_CONFIG": ""}).invoke(app, ["check", "--config", str(config), *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_signers_of_both_kinds_are_listed(config):
    lines = [line.split(maxsplit=1) for line in check(config).splitlines() if line]
    cells = dict(line for line in lines if len(line) == 2)
    assert cells["clinic"].strip() == "not known here: read by NCANode"
    assert cells["doctor"].startswith("20")


def test_as_json(config):
    signers = {one["name"]: one for one in json.loads(check(config, "--json"))["signers"]}
    assert signers["clinic"] == {
        "name": "clinic",
        "kind": "ncanode",
        "serial": None,
        "expires": None,
        "days_left": None,
        "problem": None,
    }
    assert signers["doctor"]["expires"] is not None
    assert signers["doctor"]["days_left"] > 0


def refused(config, *options):
    done = CliRunner(env={"HERALD_CONFIG": ""}).invoke(app, ["check", "--config", str(config), *options])
    assert done.exit_code == 2, done.output
    return done


def test_the_problems_of_both_kinds_come_together(config, tmp_path):
    for name in ("doctor", "clinic"):
        (tmp_path / f"{name}.p12").write_text("text")
    done = refused(config)
    assert "signers.doctor: the file" in done.stderr
    assert "clinic.p12 is not a PKCS#12 file" in done.stderr


ODD = ("key-rsa-pss.p12", "key-usage-malformed.p12", "missing.p12", "a folder.p12")


@pytest.mark.parametrize("odd", ODD)
def test_one_that_cannot_be_used_is_reported_and_all_else_is_listed(config, tmp_path, odd):
    (tmp_path / "a folder.p12").mkdir()
    file = CASES / odd if (CASES / odd).exists() else tmp_path / odd
    (tmp_path / "case password").write_text("secret")
    settings = yaml.safe_load(config.read_text())
    settings["signers"]["odd"] = {"file": str(file), "password_file": f"{tmp_path}/case password"}
    settings["systems"]["nhis"]["senders"]["odd"] = {"uin": "2300000003"}
    config.write_text(yaml.safe_dump(settings))
    done = refused(config, "--json")
    told = json.loads(done.stdout)
    signers = {one["name"]: one for one in told["signers"]}
    assert signers["odd"]["expires"] is None
    assert str(file) in signers["odd"]["problem"]
    assert done.stderr.strip() == f"signers.odd: {signers['odd']['problem']}"
    assert (signers["doctor"]["problem"], signers["clinic"]["problem"]) == (None, None)
    assert told["topics"]
    lines = [line.split(maxsplit=1) for line in refused(config).stdout.splitlines() if line]
    assert dict(line for line in lines if len(line) == 2)["odd"].strip() == "cannot be used"


def test_one_that_tls_refuses_is_reported_with_the_system_that_cannot_use_it(config, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise ssl.SSLError

    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", refuse)
    settings = yaml.safe_load(config.read_text())
    settings["systems"]["nhis"]["auth"] = "mtls"
    config.write_text(yaml.safe_dump(settings))
    done = refused(config)
    problem = "nhis cannot use it: TLS does not take its certificates or its key (unknown)"
    assert done.stderr.strip() == f"signers.doctor: {problem}"


def test_the_certificates_that_systems_believe_are_listed(config, tmp_path):
    pinned = issue("SHEP")
    (tmp_path / "shep.pem").write_bytes(pinned.pem())
    settings = yaml.safe_load(config.read_text())
    settings["systems"]["kz_shep"] = {
        "url": "https://shep.invalid/",
        "senders": {"doctor": {"sender_id": "invented"}},
        "pinned_certificates": [f"{tmp_path}/shep.pem"],
    }
    config.write_text(yaml.safe_dump(settings))
    (one,) = json.loads(check(config, "--json"))["certificates"]
    assert one["system"] == "kz-shep"
    assert f"{pinned.certificate.serial_number:x}" in one["label"]
    assert one["expires"][:10] == f"{pinned.certificate.not_valid_after_utc:%Y-%m-%d}"
    assert "trusts answers signed by" in check(config)


@pytest.mark.parametrize("command", [["check"], ["journal", "migrate"], ["worker"]])
def test_a_journal_address_of_another_scheme_is_a_sentence(config, tmp_path, command):
    (tmp_path / "dsn").write_text("postgresql+asyncpg://herald:invented@127.0.0.1/herald\n")
    done = CliRunner(env={"HERALD_CONFIG": ""}).invoke(app, [*command, "--config", str(config)])
    assert done.exit_code == 2
    assert "journal.dsn_file: the journal's address must begin with postgresql://" in done.stderr
    assert "invented" not in done.output


def test_a_journal_address_that_no_driver_reads_is_a_sentence(config, tmp_path):
    (tmp_path / "dsn").write_text("postgresql://herald:invented@127.0.0.1:port/herald\n")
    done = CliRunner(env={"HERALD_CONFIG": ""}).invoke(app, ["journal", "migrate", "--config", str(config)])
    assert done.exit_code == 2
    assert "journal: the address cannot be used (" in done.stderr
    assert "invented" not in done.output


def test_a_risky_signer_is_warned_of_once(config, caplog):
    settings = yaml.safe_load(config.read_text())
    settings["signers"]["clinic"] |= {"url": "http://ncanode.invalid", "allow_plain_http": True}
    config.write_text(yaml.safe_dump(settings))
    check(config)
    told = [one.getMessage() for one in caplog.records if "plain http" in one.getMessage()]
    assert told == ["the key and its password go to NCANode over plain http"]


def test_an_ncanode_signer_is_no_sender_where_a_key_is_needed(config):
    settings = yaml.safe_load(config.read_text())
    settings["systems"]["nhis"]["senders"]["clinic"] = {"uin": "2300000002"}
    config.write_text(yaml.safe_dump(settings))
    done = CliRunner(env={"HERALD_CONFIG": ""}).invoke(app, ["check", "--config", str(config)])
    assert done.exit_code == 2
    assert "systems.nhis: senders.clinic: an NCANode signer signs only whole SOAP documents" in done.stderr


def test_what_epayment_does_not_serve_over_the_esb_is_a_warning(config):
    settings = yaml.safe_load(config.read_text())
    settings["esb"] = {}
    settings["systems"] = {"epayment": {"access": "esb", "senders": {"doctor": {"service_cid": "our-his"}}}}
    config.write_text(yaml.safe_dump(settings))
    warnings = json.loads(check(config, "--json"))["warnings"]
    assert [one.partition(":")[0] for one in warnings] == [
        "epayment.payment.search is refused",
        "epayment.access-code.read is refused",
    ]
