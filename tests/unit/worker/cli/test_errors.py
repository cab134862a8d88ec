"""Whatever Kafka and PostgreSQL raise, in every command: a sentence, the right exit code, no traceback."""

from __future__ import annotations

import json

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, errors
from aiokafka.admin import AIOKafkaAdminClient

from tests.support.cli.commands import invoked, settings_file
from tests.support.contract_events import STRUCTURED
from worker.cli.errors import told

OF_THE_JOURNAL = {
    "list": ("dead-letters", "list"),
    "list json": ("dead-letters", "list", "--json"),
    "summary": ("dead-letters", "summary"),
    "show": ("dead-letters", "show", "5f0c"),
    "show event": ("dead-letters", "show", "5f0c", "--event"),
    "replay": ("dead-letters", "replay", "--all"),
    "discard": ("dead-letters", "discard", "--all", "--reason", "r"),
    "settle": ("dead-letters", "settle", "5f0c", "--as", "not-sent", "--reason", "r"),
    "submissions list": ("submissions", "list"),
    "submissions json": ("submissions", "list", "--json"),
    "submissions show": ("submissions", "show", "s-1"),
    "intake status": ("intake", "status"),
    "intake losses": ("intake", "losses"),
    "intake history": ("intake", "history"),
    "intake resume": ("intake", "resume"),
    "intake acknowledge-loss": ("intake", "acknowledge-loss", "nhis"),
    "migrate": ("journal", "migrate"),
    "prune": ("journal", "prune", "--evidence-days", "9"),
    "status": ("status",),
}
OF_KAFKA = {
    "submit": ("submit", "EVENTS", "--key", "p"),
    "watch": ("watch",),
    "topics create": ("topics", "create"),
    "topics dry": ("topics", "create", "--dry-run"),
}

OUTAGES = [
    (ConnectionRefusedError(111, "Connection refused"), "cannot be reached"),
    (TimeoutError(), "in time"),
    (asyncpg.InvalidPasswordError('password authentication failed for user "herald"'), "password"),
    (asyncpg.InvalidAuthorizationSpecificationError("no pg_hba.conf entry, no encryption"), "pg_hba.conf"),
    (asyncpg.InvalidCatalogNameError('database "herold" does not exist'), 'database "herold"'),
    (ConnectionError("PostgreSQL server rejected SSL upgrade"), "rejected SSL upgrade"),
    (asyncpg.CannotConnectNowError("the database system is starting up"), "starting up"),
    (asyncpg.TooManyConnectionsError("too many clients already"), "too many clients"),
    (asyncpg.InterfaceError("secret"), "driver"),
]
REFUSALS = [
    (asyncpg.UndefinedTableError('relation "dead_letters" does not exist'), "herald journal migrate"),
    (asyncpg.UndefinedColumnError('column "x" does not exist'), "herald journal migrate"),
    (asyncpg.InsufficientPrivilegeError("permission denied for table dead_letters"), "permission denied"),
    (asyncpg.ReadOnlySQLTransactionError("cannot execute in a read-only transaction"), "read-only"),
    (asyncpg.DiskFullError("could not extend file"), "could not extend"),
    (asyncpg.QueryCanceledError("canceling statement due to user request"), "canceling statement"),
    (asyncpg.DataError("secret"), "refused it"),
    (asyncpg.InterfaceError("secret"), "driver"),
]
FAULTS = [
    (errors.KafkaConnectionError("x"), "connection is closed"),
    (errors.AuthenticationFailedError("x"), "login"),
    (errors.TopicAuthorizationFailedError("x"), "this login"),
    (errors.ClusterAuthorizationFailedError("x"), "this login"),
    (errors.UnknownTopicOrPartitionError("x"), "topics create"),
    (errors.KafkaTimeoutError("x"), "in time"),
    (errors.UnsupportedVersionError("x"), "embedded Kafka of `herald demo`"),
    (errors.UnknownError("x"), "UnknownError"),
]


@pytest.fixture(params=[*OF_THE_JOURNAL, *OF_KAFKA])
def every(request):
    return (OF_THE_JOURNAL | OF_KAFKA)[request.param]


@pytest.fixture
def config(tmp_path):
    return settings_file(
        tmp_path, "postgresql://herald:secret@127.0.0.1:1/herald", {"bootstrap_servers": "127.0.0.1:1"}
    )


class Refusing:
    """A connection on which every statement fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def execute(self, statement: str, *_: object, **__: object) -> None:
        if "synchronous_commit" not in statement:
            raise self._error

    async def fetch(self, *_: object) -> None:
        raise self._error

    fetchval = fetchrow = fetch

    def transaction(self, **_: object) -> Refusing:
        return self

    def is_closed(self) -> bool:
        return False

    def terminate(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def __aenter__(self) -> None:
        raise self._error

    async def __aexit__(self, *_: object) -> None:
        pass


def sentences(done, words):
    assert (done.code, done.err.count("Traceback")) == (1, 0), done
    assert words in done.err
    assert "secret" not in done.err + done.out


@pytest.mark.parametrize("command", OF_THE_JOURNAL)
def test_a_journal_that_cannot_be_reached_is_a_sentence(monkeypatch, config, command):
    for error, words in OUTAGES:

        async def connect(*_: object, error=error, **__: object) -> None:
            raise error

        monkeypatch.setattr(asyncpg, "connect", connect)
        sentences(invoked(*OF_THE_JOURNAL[command], "--config", config), words)


@pytest.mark.parametrize("command", OF_THE_JOURNAL)
def test_a_journal_that_refuses_is_a_sentence(monkeypatch, config, command):
    for error, words in REFUSALS:

        async def connect(*_: object, error=error, **__: object) -> Refusing:
            return Refusing(error)

        monkeypatch.setattr(asyncpg, "connect", connect)
        # `migrate` makes the tables, so that it never misses them.
        wanted = "PostgreSQL" if command == "migrate" and "migrate" in words else words
        done = invoked(*OF_THE_JOURNAL[command], "--config", config)
        sentences(done, wanted if command != "migrate" else "cannot be used")


@pytest.mark.parametrize("command", OF_KAFKA)
def test_a_kafka_that_cannot_be_used_is_a_sentence(monkeypatch, config, tmp_path, command):
    events = tmp_path / "events.json"
    events.write_text(json.dumps(STRUCTURED))
    given = [str(events) if one == "EVENTS" else one for one in OF_KAFKA[command]]
    for error, words in FAULTS:

        async def start(_: object, error=error) -> None:
            raise error

        for client in (AIOKafkaProducer, AIOKafkaConsumer, AIOKafkaAdminClient):
            monkeypatch.setattr(client, "start", start)
        sentences(invoked(*given, "--config", config), words)


def test_what_no_command_foresaw_is_a_sentence_and_a_defect_is_not():
    assert told(OSError(28, "No space left on device", "/evidence")) == "/evidence: No space left on device."
    assert told(BrokenPipeError(32, "Broken pipe")) is None
    assert told(KeyError("x")) is None
