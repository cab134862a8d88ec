"""A worker and a receiver of one hospital, whom the sandbox of ePayments calls."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from sandbox.authority import Authority
from tests.support.inbound.installation import SECRET, authority_pem
from tests.support.kafka.cluster import free_ports
from tests.support.kafka.topics import create_topics
from tests.support.systems.epayment.hospital import SYSTEM, section_of
from tests.support.worker.installation import (
    SystemInstallation,
    WorkerProcess,
    new_topics,
    worker_process,
)
from tests.support.worker.sandbox import Sandbox

PARTITIONS = 4
UNLIMITED = 100_000


@dataclass(frozen=True)
class Record:
    """One notification as a hospital reads it."""

    key: bytes | None
    headers: dict[str, str]
    value: bytes

    @classmethod
    def of(cls, record: ConsumerRecord[bytes, bytes]) -> Record:
        """Read a record of Kafka's."""
        headers = {name: (value or b"").decode() for name, value in record.headers}
        return cls(record.key, headers, record.value or b"")


@dataclass(frozen=True)
class Hospital(SystemInstallation):
    """The surroundings of a worker, with a receiver whose address payment requests carry."""

    port: int

    @classmethod
    def build(cls, bootstrap: str, dsn: str, directory: Path, sandbox: Sandbox, **section: Any) -> Hospital:
        """Make the topics, the certificate and the secret part of the address."""
        topics = new_topics(SYSTEM, bootstrap)
        create_topics(bootstrap, [f"{topics.prefix}{SYSTEM}.notifications"], partitions=PARTITIONS)
        (port,) = free_ports(1)
        authority = Authority.create("Invented authority")
        server = authority.issue_server()
        (directory / "ca.pem").write_bytes(authority_pem(authority))
        (directory / "cert.pem").write_bytes(server.certificate_pem())
        (directory / "key.pem").write_bytes(server.key_pem())
        (directory / "secret").write_text(f"{SECRET}\n")
        (directory / "url").write_text(f"https://127.0.0.1:{port}/{SYSTEM}/{SECRET}\n")
        settings = section_of(sandbox, notification_url_file=str(directory / "url"), **section)
        return cls(bootstrap, topics, dsn, directory, sandbox, {}, settings, port)

    @property
    def url(self) -> str:
        """The address that the system calls."""
        return f"https://127.0.0.1:{self.port}/{SYSTEM}/{SECRET}"

    def with_receiver(self) -> Path:
        """Write the settings that a worker and a receiver share."""
        files = {name: str(self.directory / name) for name in ("cert.pem", "key.pem", "secret")}
        receiver = {
            "host": "127.0.0.1",
            "port": self.port,
            "tls": {"cert_file": files["cert.pem"], "key_file": files["key.pem"]},
            "routes": {SYSTEM: {"secret_file": files["secret"], "requests_per_second": UNLIMITED}},
            "requests_per_second_per_peer": UNLIMITED,
            "answer_seconds": 5,
        }
        # All requests have one signer and one source.
        window = {"share_per_signer": 1, "share_per_source": 1}
        return self.config({"receiver": receiver, "intake": window})

    @contextmanager
    def receiver(self, config: Path) -> Iterator[WorkerProcess]:
        """Run a receiver."""
        with worker_process(config, "receiver") as process:
            yield process

    def client(self) -> httpx.AsyncClient:
        """Return a client that trusts the receiver."""
        context = ssl.create_default_context(cafile=self.directory / "ca.pem")
        return httpx.AsyncClient(verify=context, trust_env=False, timeout=15)

    async def notifications(self) -> list[Record]:
        """Return every notification that the topic has now, in the order of its partition."""
        topic = f"{self.topics.prefix}{SYSTEM}.notifications"
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            await consumer.seek_to_beginning()
            found: list[Record] = []
            while any([await consumer.position(one) < end for one, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=500)).values():
                    found += map(Record.of, batch)
        finally:
            await consumer.stop()
        return found
