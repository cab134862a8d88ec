"""A whole worker's surroundings for each test: own topics, journal and config; Kafka, PostgreSQL and NHIS shared."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.postgres.server import TEMPLATE
from tests.support.worker.nhis import running
from tests.support.worker.stage import Stage


@pytest.fixture(scope="session")
def nhis_process(tmp_path_factory):
    """One sandbox for all tests of a whole worker."""
    with running(tmp_path_factory.mktemp("worker-nhis")) as nhis:
        yield nhis


@pytest.fixture
def nhis(nhis_process):
    """The sandbox, as it was at its start."""
    nhis_process.reset()
    yield nhis_process
    nhis_process.reset()


@pytest.fixture
def stage(kafka, journal_dsn, nhis, tmp_path):
    """A fresh stage with topics of four partitions."""
    return Stage.build(kafka.bootstrap, journal_dsn, nhis, tmp_path)


@pytest.fixture(scope="module")
def play(kafka, pg_server, nhis_process, tmp_path_factory):
    """Play a scene once for all tests of a module: they look at what it left behind, each at one thing."""
    dsn = pg_server.create_database(TEMPLATE)

    def run(scene, *, partitions=4):
        nhis_process.reset()
        directory = tmp_path_factory.mktemp("scene")
        stage = Stage.build(kafka.bootstrap, dsn, nhis_process, directory, partitions)
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(scene(stage))

    yield run
    nhis_process.reset()
    pg_server.drop_database(dsn)
