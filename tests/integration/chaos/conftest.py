"""Servers for the mutation scenarios: a sandbox of their own beside the session's Kafka and PostgreSQL."""

from __future__ import annotations

import pytest

from tests.support.worker.nhis import running
from tests.support.worker.stage import Stage


@pytest.fixture(scope="module")
def nhis(tmp_path_factory):
    """One sandbox for the mutation scenarios of a module; each resets it."""
    with running(tmp_path_factory.mktemp("chaos-nhis")) as nhis:
        yield nhis


@pytest.fixture
def stage(kafka, journal_dsn, nhis, tmp_path):
    """A fresh stage."""
    nhis.reset()
    return Stage.build(kafka.bootstrap, journal_dsn, nhis, tmp_path)
