"""What commands reach, and how they end where they cannot."""

from __future__ import annotations

import json

import pytest
import typer

from tests.support.cli.commands import invoked
from worker.admin.errors import ActFailed
from worker.cli.access import kafka_of, run, settings_for
from worker.cli.output import FAILED, WRONG_USE


async def act(error: Exception | None = None) -> str:
    if error:
        raise error
    return "done"


def test_what_an_act_did_is_returned():
    assert run(act()) == "done"


def test_an_act_that_failed_ends_the_command_with_its_sentence(capsys):
    with pytest.raises(typer.Exit) as ended:
        run(act(ActFailed("The journal has no dead letter d-1.")))
    assert ended.value.exit_code == FAILED
    assert capsys.readouterr().err == "The journal has no dead letter d-1.\n"


def test_a_defect_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        run(act(ZeroDivisionError()))


def test_an_address_alone_is_enough_to_reach_kafka():
    kafka = kafka_of(None, "kafka:9092", "test.")
    assert (kafka.bootstrap_servers, kafka.topic_prefix) == (("kafka:9092",), "test.")


@pytest.mark.parametrize("command", [("submit", "events.json"), ("watch",)])
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--bootstrap", "nohost:x"), "--bootstrap: must be host:port"),
        (("--bootstrap", "nohost:x,other"), "--bootstrap: must be host:port"),
        (("--bootstrap", ""), "--bootstrap: must be host:port"),
        (("--bootstrap", "kafka:9092", "--prefix", "no spaces"), "--prefix: must be at most 150"),
    ],
)
def test_a_wrong_address_or_prefix_is_a_sentence(command, options, told):
    done = invoked(*command, *options)
    assert (done.code, done.err.count("\n")) == (WRONG_USE, 1), done
    assert done.err.startswith(told)
    assert "Value error" not in done.err


SHEP = {"url": "https://shep.example/", "senders": {"clinic": {"sender_id": "his"}}, "verify_answers": False}
TWO_SYSTEMS = {
    "kafka": {"bootstrap_servers": "kafka:9092"},
    "journal": {"dsn_file": "dsn"},
    "signers": {"clinic": {"file": "clinic.p12", "password_file": "clinic.password"}},
    "systems": {"nhis": {}, "kz_shep": SHEP},
}


@pytest.fixture
def two_systems(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dsn").write_text("postgresql://db.invalid/herald")
    path = tmp_path / "herald.yaml"
    path.write_text(json.dumps(TWO_SYSTEMS))
    return path


@pytest.mark.parametrize(
    ("systems", "served"),
    [
        (None, ["nhis", "kz-shep"]),
        (["kz-shep"], ["kz-shep"]),
        (["nhis"], ["nhis"]),
        (["kz-shep, nhis"], ["nhis", "kz-shep"]),
        (["kz-shep", "nhis"], ["nhis", "kz-shep"]),
    ],
)
def test_a_command_serves_the_systems_that_it_is_told(two_systems, systems, served):
    settings = settings_for(two_systems, systems)
    assert settings.systems.configured() == served
    assert list(settings.systems.sections()) == served


@pytest.mark.parametrize("command", ["worker", "check"])
@pytest.mark.parametrize(
    ("given", "named"),
    [("erx", "'erx'"), ("nhis,erx", "'erx'"), ("", "''"), ("nhis,", "''"), ("NHIS", "'NHIS'")],
)
def test_a_system_that_is_not_configured_is_wrong_use(two_systems, command, given, named):
    done = invoked(command, "--config", two_systems, "--systems", given)
    assert (done.code, done.err) == (
        WRONG_USE,
        f"--systems: {named} is not configured; the configured systems are nhis, kz-shep.\n",
    )


def test_only_the_topics_of_the_systems_in_question_are_listed(two_systems):
    done = invoked("check", "--config", two_systems, "--systems", "nhis", "--json")
    assert (done.json["systems"], {topic.split(".")[1] for topic in done.json["topics"]}) == (
        ["nhis"],
        {"nhis"},
    )
