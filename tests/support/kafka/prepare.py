"""What is made once so that brokers start quickly: `python -m tests.support.kafka.prepare`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.support.kafka.broker import BrokerFailedError
from tests.support.kafka.cluster import Cluster
from tests.support.kafka.distribution import Distribution, KafkaUnavailableError, fetch, finish

ARCHIVE_TIMEOUT = 90.0


def prepare() -> Distribution:
    """Return a Kafka whose brokers start quickly: jars, formatted storage, class archive.

    The first call takes some 20 to 40 s, every later one in this checkout none. Raises KafkaUnavailableError.
    """
    distribution = fetch()
    if not distribution.archive.exists():
        _archive_classes(distribution)
    return distribution


def _archive_classes(distribution: Distribution) -> None:
    # A broker that ran once and stopped in order leaves the archive; it halves each later start.
    unfinished = distribution.archive.with_suffix(f".{os.getpid()}")
    with tempfile.TemporaryDirectory() as directory:
        cluster = Cluster(distribution, Path(directory))
        cluster.format()
        (broker,) = cluster.brokers
        broker.start(options=[f"-XX:ArchiveClassesAtExit={unfinished}"])
        try:
            broker.wait_ready()
            broker.stop(ARCHIVE_TIMEOUT)
        finally:
            cluster.destroy()
    if unfinished.exists():
        finish(unfinished, distribution.archive)


def main() -> None:
    """Prepare, or say why the tests that need a real Kafka will be skipped; never fails."""
    if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        print("Real Apache Kafka: KAFKA_BOOTSTRAP_SERVERS")  # noqa: T201 - this is its whole output
        return
    try:
        prepare()
    except (KafkaUnavailableError, BrokerFailedError) as why:
        print(f"Real Apache Kafka: none, its tests will be skipped: {why}", file=sys.stderr)  # noqa: T201 - as above


if __name__ == "__main__":
    main()
