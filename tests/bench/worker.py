"""What a submission costs a whole worker, against one RSA-2048 signature of the same run.

Run `python -m tests.bench.worker [SUBMISSIONS]`. Real Apache Kafka, real PostgreSQL, the NHIS sandbox over TLS and
the worker are four processes; only the worker's CPU counts. Prints one JSON document. Compare the ratio.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.kafka.cluster import Cluster
from tests.support.kafka.prepare import prepare
from tests.support.postgres.server import TEMPLATE, running_server
from tests.support.worker.hospital import register
from tests.support.worker.installation import Installation, worker_process
from tests.support.worker.nhis import running

WARM_UP = 200
SIGNATURES = 500


def signature_ms() -> float:
    """Return the CPU milliseconds of one RSA-2048 signature."""
    key = generate_private_key(65537, 2048)
    began = time.process_time()
    for _ in range(SIGNATURES):
        key.sign(b"x" * 500, PKCS1v15(), SHA256())
    return (time.process_time() - began) / SIGNATURES * 1000


def cpu_seconds(pid: int) -> float:
    """Return what a process has used, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(
    installation: Installation, count: int, settings: Mapping[str, object] | None = None
) -> dict[str, float]:
    """Publish registrations of as many patients, wait for their replies, and return what they cost."""
    events = [
        register(f"b-{patient.number}", patient)
        for patient in islice(iter(installation.patient, None), count + WARM_UP)
    ]
    config = installation.config(
        {"intake": {"commit_interval": 0.2}, "log": {"level": "warning"}, **(settings or {})}
    )
    with worker_process(config, forked=False) as worker:
        await worker.ready()
        async with installation.reading() as answers:
            await installation.publish(*events[:WARM_UP])
            await answers.answered((event.id for event in events[:WARM_UP]), 120)
            signature = signature_ms()
            cpu, wall = cpu_seconds(worker.process.pid), time.monotonic()
            await installation.publish(*events[WARM_UP:])
            await answers.answered((event.id for event in events), 600)
            wall = time.monotonic() - wall
            cpu = cpu_seconds(worker.process.pid) - cpu
    milliseconds = cpu / count * 1000
    return {
        "submissions": count,
        "worker_cpu_ms": round(milliseconds, 2),
        "signature_cpu_ms": round(signature, 3),
        "ratio": round(milliseconds / signature, 1),
        "per_second": round(count / wall),
    }


@contextmanager
def servers() -> Iterator[Callable[[], Installation]]:
    """Start Kafka, PostgreSQL and the NHIS sandbox; yield what makes a fresh installation on them."""
    with tempfile.TemporaryDirectory(prefix="herald-bench-") as name:
        directory = Path(name)
        with (
            Cluster(prepare(), directory / "kafka") as kafka,
            running_server() as server,
            running(directory) as nhis,
        ):

            def install() -> Installation:
                nhis.reset()
                return Installation.build(kafka.bootstrap, server.create_database(TEMPLATE), nhis, directory)

            yield install


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with servers() as install:
        print(json.dumps(asyncio.run(measure(install(), count))))


if __name__ == "__main__":
    main()
