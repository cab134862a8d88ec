"""A worker for one system at a time: own topics, journal and config; Kafka and PostgreSQL shared."""

from __future__ import annotations

import asyncio

import pytest

from tests.support.postgres.server import TEMPLATE
from tests.support.worker.installation import SystemInstallation, new_topics
from tests.support.worker.made_once import _made_once
from tests.support.worker.sandbox import Sandbox, running

__all__ = ["_made_once"]


@pytest.fixture(scope="module")
def sandbox_of(tmp_path_factory):
    """Start a system's sandbox; it ends with the module."""
    stack = []

    def start(system, *options):
        context = running(system, tmp_path_factory.mktemp(f"{system}-sandbox"), *options, kind=Sandbox)
        stack.append(context)
        return context.__enter__()

    yield start
    while stack:
        stack.pop().__exit__(None, None, None)


@pytest.fixture(scope="module")
def play(kafka, pg_server, tmp_path_factory):
    """Play a scene once for all tests of a module: they look at what it left behind, each at one thing."""
    dsn = pg_server.create_database(TEMPLATE)

    def run(system, sandbox, scene, *, signers, section):
        directory = tmp_path_factory.mktemp("scene")
        topics = new_topics(system, kafka.bootstrap)
        installation = SystemInstallation(kafka.bootstrap, topics, dsn, directory, sandbox, signers, section)
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            return runner.run(scene(installation))

    yield run
    pg_server.drop_database(dsn)
