"""A whole worker's surroundings for each test: own topics, journal and config; Kafka, PostgreSQL and NHIS shared."""

from __future__ import annotations

import asyncio

import pytest
from confluent_kafka.admin import AdminClient

from tests.support.kafka.secured import SecuredKafka
from tests.support.postgres.server import TEMPLATE
from tests.support.worker.hospital import register
from tests.support.worker.installation import Installation
from tests.support.worker.made_once import _made_once
from tests.support.worker.nhis import running

__all__ = ["_made_once"]


@pytest.fixture(scope="session")
def nhis_process(tmp_path_factory):
    """One sandbox for all tests of a whole worker."""
    with running(tmp_path_factory.mktemp("worker-nhis")) as nhis:
        yield nhis


@pytest.fixture(scope="module")
def secured(kafka_distribution, tmp_path_factory):
    """One Kafka with an authorizer for a module's tests: each grants its own user's rights on its own topics.

    Not for the session: it costs less to start it again for the other module than to keep it to the end of a process.
    """
    with SecuredKafka(kafka_distribution, tmp_path_factory.mktemp("secured")) as kafka:
        yield kafka


@pytest.fixture
def nhis(nhis_process):
    """The sandbox, as it was at its start."""
    nhis_process.reset()
    yield nhis_process
    nhis_process.reset()


@pytest.fixture
def installation(kafka, journal_dsn, nhis, tmp_path):
    """A fresh installation with topics of four partitions."""
    return Installation.build(kafka.bootstrap, journal_dsn, nhis, tmp_path)


@pytest.fixture
def admin(installation):
    """What administers the installation's Kafka."""
    return AdminClient({"bootstrap.servers": installation.bootstrap})


@pytest.fixture
def one_patient(installation):
    """One patient, so that all lies in one partition; and events of theirs."""
    patient = installation.patient()
    return lambda *names: [register(name, patient) for name in names]


@pytest.fixture
def looks_often(monkeypatch):
    """Let workers note how far they are, and look for acknowledgements, often."""
    monkeypatch.setattr("worker.kafka.offset_resets.LOOK_INTERVAL", 0.2)


@pytest.fixture(scope="module")
def play(kafka, pg_server, nhis_process, tmp_path_factory):
    """Play a scene once for all tests of a module: they look at what it left behind, each at one thing."""
    dsn = pg_server.create_database(TEMPLATE)

    def run(scene, *, partitions=4):
        nhis_process.reset()
        directory = tmp_path_factory.mktemp("scene")
        installation = Installation.build(kafka.bootstrap, dsn, nhis_process, directory, partitions)
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(scene(installation))

    yield run
    nhis_process.reset()
    pg_server.drop_database(dsn)
