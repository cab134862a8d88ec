"""Prepares a run: topics, settings, and the processes that the faults change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from tests.chaos.egov.installation import EgovInstallation
from tests.chaos.egov.payer import Payer
from tests.chaos.egov.publisher import EgovPublisher
from tests.chaos.egov.running import Egov
from tests.chaos.letters.installation import LettersInstallation
from tests.chaos.letters.running import Letters
from tests.chaos.options import Options
from tests.chaos.producer import Producer
from tests.chaos.readers import Watch
from tests.chaos.run_context import RunContext
from tests.chaos.servers import Servers
from tests.chaos.workers import Workers
from tests.support.kafka.cluster import free_ports
from tests.support.postgres.proxy import PgProxy
from tests.support.worker.installation import Installation, laid_over

PARTITIONS = 12
EGOV_PARTITIONS = 6
LEASE_SECONDS = 3
SETTINGS = {
    "intake": {"commit_interval": 0.1, "session_timeout": LEASE_SECONDS, "drain_seconds": 2},
    "journal": {"lease_seconds": LEASE_SECONDS, "connect_seconds": 2, "statement_seconds": 2},
    "systems": {"nhis": {"transport": {"connect_timeout": 2, "answer_timeout": 2, "total_timeout": 3}}},
    "signing": {"reload_seconds": 0.5},
    # The few dead letters of the plan are no flood; those of a source that floods are. Its rest waits for the operator.
    "flood_guard": {"share": 0.5, "at_least": 20},
    # Days, as a worker whose clock is wrong counts them.
    "retry": {"initial": 0.2, "maximum": 1, "longest_asked": 2, "give_up_after": 10 * 86_400},
}


@asynccontextmanager
async def prepared(
    options: Options, servers: Servers, directory: Path, chance: Random
) -> AsyncIterator[tuple[RunContext, Watch]]:
    """Make topics and settings, and keep the processes of the run while the block runs."""
    proxy = PgProxy(Path(servers.database.partition("host=")[2]))
    installation = servers.signing.applied(
        Installation.build(
            servers.cluster.bootstrap, servers.database_through_proxy, servers.nhis, directory, PARTITIONS
        )
    )
    (port,) = free_ports(1)
    egov = EgovInstallation.build(installation, servers.egov, directory, port, EGOV_PARTITIONS)
    letters = LettersInstallation.build(
        installation, servers.letters, directory, egov.push_url, EGOV_PARTITIONS
    )
    every = (installation, *egov.systems, *letters.systems)
    watch = Watch(
        installation.bootstrap, [name for one in every for name in (one.topics.results, one.topics.errors)]
    )
    patients = tuple(installation.patient() for _ in range(options.patients))
    beside = laid_over(egov.settings(), letters.settings(egov.secret_file))
    config = installation.config(laid_over(SETTINGS, beside))
    producer = Producer(installation.bootstrap, installation.topics.submissions, patients, watch)
    context = RunContext(
        installation=installation,
        cluster=servers.cluster,
        postgres=servers.postgres,
        proxy=proxy,
        signing=servers.signing,
        workers=Workers(config, directory),
        producer=producer,
        egov=Egov(
            egov,
            Workers(config, directory, role="receiver"),
            EgovPublisher(egov, producer),
            Payer(servers.egov.epayment, producer, watch, chance),
            producer,
            watch,
        ),
        letters=Letters(letters, producer, watch, servers.database),
        patients=patients,
        chance=chance,
        worker_count=options.workers,
        lease_seconds=LEASE_SECONDS,
    )
    watch.start()
    try:
        async with (
            producer.open(),
            proxy.listening(servers.sockets),
            context.workers.running(),
            context.egov.running(),
            context.letters.running(),
        ):
            yield context, watch
    finally:
        await watch.stop()
