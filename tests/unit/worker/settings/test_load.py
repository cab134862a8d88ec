"""One file and variables become settings, or everything that is wrong with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from worker.settings.load import load
from worker.settings.problems import BadConfiguration


def problems(config: Path | None, env: dict[str, str] | None = None) -> dict[str, str]:
    with pytest.raises(BadConfiguration) as refused:
        load(config, env or {})
    return {problem.path: problem.message for problem in refused.value.problems}


def test_what_is_left_out_has_its_default(write, document):
    settings = load(write(document), {})

    assert settings.kafka.bootstrap_servers == ("kafka:9092",)
    assert settings.kafka.topic_prefix == "herald."
    assert settings.kafka.max_event_bytes == 1024 * 1024
    assert settings.intake.window_records == 10_000
    assert settings.log.format == "json"
    assert settings.systems.configured() == ["nhis"]


def test_a_system_whose_name_has_a_hyphen(write, document):
    document["systems"] = {
        "kz_shep": {
            "url": "https://shep.test/",
            "senders": {"dr-a": {"sender_id": "m"}},
            "verify_answers": False,
        }
    }
    document["limits"] = {"systems": {"kz-shep": {"in_flight": 7}}}
    document["retry"] = {"operations": {"kz-shep.medical-exemption.search": {"initial": 9}}}
    variables = {
        "HERALD_SYSTEMS__KZ_SHEP__SENDERS__DR-A__PASSWORD": "secret-word",
        "HERALD_LIMITS__SYSTEMS__KZ-SHEP__IN_FLIGHT_PER_SIGNER": "5",
    }
    settings = load(write(document), variables)

    assert settings.systems.configured() == ["kz-shep"]
    assert settings.systems.of("kz-shep") is settings.systems.kz_shep
    sender = settings.systems.kz_shep.senders["dr-a"]
    assert sender.password.get_secret_value() == "secret-word"
    limits = settings.limits.of("kz-shep")
    assert (limits.in_flight, limits.in_flight_per_signer) == (7, 5)
    assert settings.retry.policy("kz-shep", "medical-exemption.search").initial == 9


def test_the_file_is_found_by_its_variable(write, document):
    assert load(None, {"HERALD_CONFIG": str(write(document))}) == load(write(document), {})


def test_the_named_file_comes_before_the_variable(write, document):
    assert load(write(document), {"HERALD_CONFIG": "/nowhere"}).journal.dsn_file == Path("dsn")


@pytest.mark.parametrize(
    ("variable", "value", "read"),
    [
        (
            "HERALD_KAFKA__BOOTSTRAP_SERVERS",
            "a:1, b:2",
            lambda s: s.kafka.bootstrap_servers == ("a:1", "b:2"),
        ),
        ("HERALD_KAFKA__BOOTSTRAP_SERVERS", '["a:1"]', lambda s: s.kafka.bootstrap_servers == ("a:1",)),
        ("HERALD_KAFKA__MAX_EVENT_BYTES", "2MiB", lambda s: s.kafka.max_event_bytes == 2 * 1024 * 1024),
        ("HERALD_INTAKE__WINDOW_RECORDS", "7", lambda s: s.intake.window_records == 7),
        ("HERALD_LOG", '{"level": "debug"}', lambda s: s.log.level == "debug"),
        ("HERALD_LOG__LEVEL", "", lambda s: s.log.level == "info"),
        (
            "HERALD_SYSTEMS__NHIS__API_URL",
            "https://nhis.example",
            lambda s: s.systems.nhis.api_url.host == "nhis.example",
        ),
        (
            "HERALD_REPLY_ROUTES",
            '[{"source": "a*", "results": "r", "errors": "e"}]',
            lambda s: s.reply_routes[0].results == "r",
        ),
    ],
)
def test_every_kind_of_value_can_be_overridden_by_a_variable(write, document, variable, value, read):
    assert read(load(write(document), {variable: value}))


def test_a_variable_overrides_one_value_and_leaves_its_neighbours(write, document):
    document["intake"] = {"window_records": 3, "drain_seconds": 4}

    settings = load(write(document), {"HERALD_INTAKE__WINDOW_RECORDS": "5"})

    assert (settings.intake.window_records, settings.intake.drain_seconds) == (5, 4)


def test_variables_alone_are_enough(document):
    env = {f"HERALD_{name.upper()}": json.dumps(value) for name, value in document.items()}

    assert load(None, env).signers["dr-a"].file == Path("a.p12")


def test_a_secret_may_come_from_a_variable_and_is_not_shown(write, document):
    document["kafka"]["security"] = {"protocol": "sasl_plaintext", "mechanism": "PLAIN", "username": "u"}

    settings = load(write(document), {"HERALD_KAFKA__SECURITY__PASSWORD": "hunter2"})

    assert settings.kafka.security.login_password() == "hunter2"
    assert "hunter2" not in repr(settings)


def test_a_secret_file_is_read_without_the_newline_that_editors_leave(write, document):
    Path("kafka-password").write_text("hunter2\n")
    document["kafka"]["security"] = {
        "protocol": "sasl_plaintext",
        "mechanism": "PLAIN",
        "username": "u",
        "password_file": "kafka-password",
    }

    assert load(write(document), {}).kafka.security.login_password() == "hunter2"


def test_an_ncanode_signer_beside_a_file_and_its_password_by_variable(write, document):
    document["signers"]["clinic"] = {"kind": "ncanode", "url": "http://localhost:14579", "file": "a.p12"}

    # Digits alone, which a careless reading would take for a number.
    settings = load(write(document), {"HERALD_SIGNERS__CLINIC__PASSWORD": "12345"})

    assert settings.signers["clinic"].password.get_secret_value() == "12345"
    assert settings.signers["dr-a"].kind == "pkcs12"


def test_a_problem_of_a_signer_has_the_path_that_operators_write(write, document):
    document["signers"] |= {
        "a": {"kind": "ncanode", "url": "http://far", "file": "a.p12", "password_file": "a.p12"},
        "b": {"kind": "ncanode", "file": "a.p12", "pin": "1"},
        "c": {"kind": "card"},
        "d": {"file": "a.p12", "url": "http://localhost"},
        "e": "a.p12",
    }

    found = problems(write(document))

    assert set(found) >= {
        "signers.a",
        "signers.b.url",
        "signers.b.pin",
        "signers.c",
        "signers.d.url",
        "signers.e",
    }
    assert not [path for path in found if "[" in path]


def test_a_sentence_that_begins_with_an_abbreviation_keeps_it(write, document):
    document["signers"]["dr-b"] = {
        "kind": "vault",
        "url": "http://vault.invalid",
        "key": "k",
        "key_version": 1,
    }
    with pytest.raises(BadConfiguration) as caught:
        load(write(document), {})
    assert "signers.dr-b.url: URL scheme should be 'https'" in map(str, caught.value.problems)


def test_all_problems_come_at_once_each_with_its_path(write, document):
    document["kafka"]["bootstrap_servers"] = ["kafka:9092", "no port"]
    document["kafka"]["topik_prefix"] = "x"
    document["journal"]["dsn_file"] = "missing"
    document["signers"]["dr-a"]["password"] = "hunter2"
    document["systems"]["nhis"]["senders"]["dr-b"] = {"uin": "1"}
    document["systems"]["nhis"]["auth"] = "magic"
    document["colour"] = "red"

    found = problems(write(document), {"HERALD_INTAKE__WINDOW_RECORDS": "many", "HERALD_KAFFKA__X": "1"})

    assert set(found) >= {
        "HERALD_KAFFKA__X",
        "colour",
        "intake.window_records",
        "journal.dsn_file",
        "kafka.bootstrap_servers[1]",
        "kafka.topik_prefix",
        "signers.dr-a.password",
        "systems.nhis.auth",
        "systems.nhis.senders.dr-b",
    }
    assert found["kafka.topik_prefix"] == "this setting does not exist"
    assert found["journal.dsn_file"] == "there is no file missing"


def test_an_operator_reads_one_line_for_each_problem(write, document):
    del document["kafka"]["bootstrap_servers"]
    document["log"] = {"level": "loud"}

    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})

    assert str(refused.value).splitlines() == [
        "kafka.bootstrap_servers: is required",
        "log.level: input should be 'debug', 'info', 'warning' or 'error'",
    ]


def test_nothing_at_all_says_what_is_required():
    assert problems(None) == dict.fromkeys(("journal", "kafka", "systems"), "is required")


def test_no_system_is_a_problem(write, document):
    document["systems"] = {}

    assert problems(write(document)) == {"systems": "configure at least one system"}


def test_empty_sections_are_the_same_as_none(write, document):
    document |= {"intake": None, "retry": {"operations": None}}

    assert load(write(document), {}).intake.window_records == 10_000


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("signers", {"dr-a": {"file": "a.p12", "password": "hunter2"}}),
        ("journal", {"dsn": "postgresql://herald:hunter2@db/herald"}),
        ("journal", {"dsn": "postgresql://db/herald?user=herald&password=hunter2"}),
    ],
)
def test_a_secret_in_the_file_is_refused_without_repeating_it(write, document, section, value):
    document[section] = value

    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})

    assert "this file must not contain a secret" in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_the_advice_names_the_variable(write, document):
    document["journal"] = {"dsn": "postgresql://herald:hunter2@db/herald"}

    assert problems(write(document))["journal.dsn"].endswith("or set the variable HERALD_JOURNAL__DSN")


def test_an_address_without_a_password_is_no_secret(write, document):
    document["journal"] = {"dsn": "postgresql:///herald?host=/run/postgresql"}

    assert load(write(document), {}).journal.dsn is not None


@pytest.mark.parametrize(
    "variable",
    [
        "HERALD_PORT",
        "HERALD_SERVICE_HOST",
        "HERALD_SERVICE_PORT_HTTP",
        "HERALD_PORT_8080_TCP_ADDR",
        "OTHER_THING",
    ],
)
def test_what_kubernetes_sets_for_a_service_beside_it_is_no_setting(write, document, variable):
    load(write(document), {variable: "tcp://10.0.0.1:8080"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("kafka: [", "is not YAML: see line"),
        ("- a list", "must be a mapping of settings"),
        ("password: 'hunter2", "is not YAML: see line"),
    ],
)
def test_a_file_that_is_no_configuration(write, text, message):
    ((path, said),) = problems(write(text)).items()

    assert path.endswith("herald.yaml")
    assert said.startswith(message)
    assert "hunter2" not in said


def test_a_file_that_is_not_there(tmp_path):
    path = tmp_path / "nowhere.yaml"

    assert problems(path) == {str(path): "cannot be read: No such file or directory"}


def test_a_file_that_is_not_text(tmp_path):
    path = tmp_path / "herald.yaml"
    path.write_bytes(b"\xff\xfe\x00")

    assert problems(path) == {str(path): "is not UTF-8 text"}


def test_a_directory_must_be_one(write, document):
    document["systems"]["nhis"]["schema_dir"] = "a.p12"

    assert problems(write(document))["systems.nhis.schema_dir"] == "there is no directory a.p12"


def test_an_address_with_a_password_is_reported_by_what_there_is(write, document):
    document["systems"]["nhis"] |= {"api_url": "https://me:word@ptest-api.his.bg"}

    with pytest.raises(BadConfiguration) as refused:
        load(write(document), {})

    told = str(refused.value)
    assert "systems.nhis.api_url: no name and password in an address" in told
    assert "_file" not in told
    assert "word@" not in told
