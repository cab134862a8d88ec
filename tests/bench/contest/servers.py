"""Kafka and PostgreSQL for one run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.kafka.cluster import Cluster
from tests.support.kafka.prepare import prepare
from tests.support.postgres.server import PgServer, running_server


@contextmanager
def servers(directory: Path) -> Iterator[tuple[str, PgServer]]:
    """Run them; PostgreSQL flushes to the disk as in production, where tests do without."""
    with Cluster(prepare(), directory / "kafka") as kafka, running_server() as postgres:
        postgres.execute("alter system reset fsync")
        postgres.execute("select pg_reload_conf()")
        yield kafka.bootstrap, postgres
