"""The servers of a run: Apache Kafka, PostgreSQL, the sandbox; real ones on this machine, stopped afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.authority import Authority
from sandbox.pki import Pki
from tests.chaos import signing
from tests.chaos.egov import servers as egov
from tests.chaos.letters import servers as letters
from tests.support.kafka.cluster import Cluster
from tests.support.kafka.prepare import prepare
from tests.support.postgres.server import TEMPLATE, PgServer, running_server
from tests.support.worker.nhis import Nhis
from tests.support.worker.nhis import running as running_nhis


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers that run; ``database`` is the journal's, behind no proxy."""

    cluster: Cluster
    postgres: PgServer
    database: str
    nhis: Nhis
    signing: signing.Signing
    egov: egov.EgovServers
    letters: letters.LettersServers
    sockets: Path
    """The directory for the proxy's socket: a socket's path must be short."""

    @property
    def database_through_proxy(self) -> str:
        """The same database as workers reach it."""
        return f"{self.database.partition('?')[0]}?host={self.sockets}"


@contextmanager
def running(directory: Path, *, brokers: int) -> Iterator[Servers]:
    """Start them, and end them. Raises KafkaUnavailableError and SoftHsmUnavailableError."""
    distribution = prepare()
    with (
        tempfile.TemporaryDirectory(prefix="chaos-", dir="/tmp") as sockets,
        Cluster(distribution, directory / "kafka", nodes=brokers, acls=True) as cluster,
        running_server() as postgres,
        signing.running(directory, *_certificates(directory / "nhis")) as signers,
        running_nhis(directory / "nhis") as nhis,
        egov.running(directory / "egov") as egov_servers,
        letters.running(directory / "letters", egov_servers.ca_file) as letters_servers,
    ):
        database = postgres.create_database(TEMPLATE)
        yield Servers(
            cluster, postgres, database, nhis, signers, egov_servers, letters_servers, Path(sockets)
        )


def _certificates(directory: Path) -> tuple[Pki, Authority]:
    """Make certificates that are valid for a worker whose clock is a day behind, too."""
    directory.mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.authority._BACKDATED", timedelta(days=3))
        authority = Authority.create("Herald sandbox test CA")
        return Pki.create(directory, signing.DOCTORS, authority=authority), authority
