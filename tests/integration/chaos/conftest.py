"""Servers for the mutation scenarios: a sandbox of their own beside the session's Kafka and PostgreSQL."""

from __future__ import annotations

import pytest

from tests.support.worker.installation import Installation
from tests.support.worker.nhis import running


@pytest.fixture(scope="module")
def nhis(tmp_path_factory):
    """One sandbox for the mutation scenarios of a module; each resets it."""
    with running(tmp_path_factory.mktemp("chaos-nhis")) as nhis:
        yield nhis


@pytest.fixture
def installation(kafka, journal_dsn, nhis, tmp_path):
    """A fresh installation."""
    nhis.reset()
    return Installation.build(kafka.bootstrap, journal_dsn, nhis, tmp_path)
