"""Everything around a worker for eDelivery and eForms: topics, settings, the sandbox, and the hospital's system."""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from contracts.edelivery.examples import FILES_FIELD, TEXT_FIELD
from sandbox.authority import Authority
from tests.support.kafka.cluster import free_ports
from tests.support.kafka.topics import create_topics
from tests.support.systems.eforms.dying_worker import most_memory
from tests.support.worker.hospital import SOURCE, STRUCTURED, Event
from tests.support.worker.installation import WorkerProcess, laid_over
from tests.support.worker.kafka import Published, publish
from tests.support.worker.sandbox import Sandbox

EDELIVERY, EFORMS = "edelivery", "eforms"
KINDS = ("results", "errors", "dead-letters", "notifications")
SECRET = "e" * 40
SIGNER = "hospital"
PIECE = bytes(range(256)) * 4096
"""Of a large file: 1 MiB."""
LOOKING = {"look_seconds": 1.0, "least_seconds": 0.2, "pass_seconds": 0.2, "first": 0.2, "maximum": 1.0}


def invented_authority(directory: Path) -> Authority:
    """Make the authority of the receiver and of the hospital's system, and write its certificate."""
    authority = Authority.create("Invented authority of a hospital")
    (directory / "authority.pem").write_bytes(authority.pem())
    return authority


@dataclass
class Surroundings:
    """One test's surroundings. ``memory`` has the most memory of every worker that has ended."""

    bootstrap: str
    dsn: str
    directory: Path
    sandbox: Sandbox
    authority: Authority
    prefix: str = field(default_factory=lambda: f"t-{uuid.uuid4().hex[:12]}.")
    watch_seconds: float = 5.0
    in_worker: bool = True
    """Whether the worker is the receiver too."""
    memory: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.port,) = free_ports(1)
        create_topics(self.bootstrap, [f"{self.prefix}{one}.submissions" for one in (EDELIVERY, EFORMS)])
        create_topics(self.bootstrap, self._topics)
        server = self.authority.issue_server()
        his = self.authority.issue_seal(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "his")]))
        self._fingerprint = his.certificate.fingerprint(SHA256()).hex()
        for name, content in {
            "key.pem": server.key_pem(),
            "cert.pem": server.certificate_pem(),
            "ca.pem": self.authority.pem(),
            "his.pem": his.certificate_pem() + his.key_pem(),
            "secret": f"{SECRET}\n".encode(),
            "addresses": f"{'k' * 40}\n".encode(),
            "dsn": self.dsn.encode(),
        }.items():
            (self.directory / name).write_bytes(content)

    @property
    def _topics(self) -> list[str]:
        return [f"{self.prefix}{system}.{kind}" for system in (EDELIVERY, EFORMS) for kind in KINDS]

    @property
    def receiver(self) -> str:
        """The address of the receiver."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def push_url(self) -> str:
        """The address for push notifications."""
        return f"{self.receiver}/{EDELIVERY}/{SECRET}"

    def config(self, changes: dict[str, Any] | None = None) -> Path:
        """Write the settings of workers and receivers."""
        path = self.directory / f"herald-{uuid.uuid4().hex[:6]}.yaml"
        path.write_text(json.dumps(laid_over(self._settings(), changes or {})), encoding="utf-8")
        return path

    def _settings(self) -> dict[str, Any]:
        client = next(one for one in self.sandbox.ready["clients"] if one["name"] == SIGNER)
        transport = {"ca_file": self.sandbox.ca_file, "connect_timeout": 3, "answer_timeout": 10}
        addresses = {"token_url": self.sandbox.ready["token_url"], "gateway_url": self.sandbox.url}
        return {
            "kafka": {"bootstrap_servers": self.bootstrap, "topic_prefix": self.prefix},
            "intake": {"group_id": f"{self.prefix}workers", "commit_interval": 0.05, "session_timeout": 3},
            "journal": {"dsn_file": str(self.directory / "dsn"), "lease_seconds": 2},
            "signers": {SIGNER: {"file": client["pkcs12_file"], "password_file": client["password_file"]}},
            "esb": {**addresses, "transport": transport},
            "systems": self._systems(transport),
            "files": {
                "signed_urls": {"key_file": str(self.directory / "addresses"), "base_url": self.receiver}
            },
            "receiver": self._receiver(),
            "looking": LOOKING,
            "retry": {"initial": 0.2, "maximum": 1, "give_up_after": 120},
            "circuit": {"pause": 0.3, "longest_pause": 1},
            "health": {"host": "127.0.0.1", "port": 0},
            "log": {"level": "info", "format": "json"},
        }

    def _systems(self, transport: dict[str, Any]) -> dict[str, Any]:
        common = {
            "senders": [SIGNER],
            "look_up": {"sent_rnu": "kept", "wait_seconds": 1},
            "files": {
                "hosts": [self.sandbox.url.removeprefix("https://")],
                "transport": transport,
                "scan_seconds": 1,
            },
        }
        watches = {"registry": {"signer": SIGNER, "seconds": self.watch_seconds}}
        response = {
            "recipient_profile_id": 201,
            "template_id": 1,
            "xml_field": FILES_FIELD,
            "texts": {TEXT_FIELD: "Измислен отговор"},
        }
        return {EDELIVERY: {**common, "watches": watches}, EFORMS: {**common, "response": response}}

    def _receiver(self) -> dict[str, Any]:
        paths = {name: str(self.directory / f"{name}.pem") for name in ("cert", "key", "ca")}
        return {
            "in_worker": self.in_worker,
            "host": "127.0.0.1",
            "port": self.port,
            "tls": {"cert_file": paths["cert"], "key_file": paths["key"], "client_ca_file": paths["ca"]},
            "routes": {EDELIVERY: {"secret_file": str(self.directory / "secret")}},
            "files": {"clients": {"his": {"fingerprints": [self._fingerprint], "sources": [SOURCE]}}},
        }

    @contextmanager
    def worker(self, *crash_at: str) -> Iterator[WorkerProcess]:
        """Run a worker as an operator does, or for each place one that dies there; all are gone afterwards."""
        file = self.directory / "memory"
        variables = {"CRASH_AT": "\n".join(crash_at), "MEMORY_FILE": str(file)}
        module = ("tests.support.systems.eforms.dying_worker", "worker") if crash_at else ("worker", "worker")
        made = WorkerProcess(self.config(), module=module, variables=variables)
        try:
            yield made
        finally:
            if made.process.poll() is None:
                self.memory.append(most_memory(made.process.pid))
                made.kill9()
            elif file.exists():
                self.memory += [int(line) for line in file.read_text().split()]
            file.unlink(missing_ok=True)

    def client(self, *, certificate: bool = True) -> httpx.AsyncClient:
        """Return the hospital's client of the receiver."""
        context = ssl.create_default_context(cafile=self.directory / "ca.pem")
        if certificate:
            context.load_cert_chain(self.directory / "his.pem")
        return httpx.AsyncClient(verify=context, base_url=self.receiver, timeout=30, trust_env=False)

    async def publish(self, event_id: str, kind: str, data: Any) -> None:
        """Publish an event as the hospital's system."""
        document = {
            "specversion": "1.0",
            "id": event_id,
            "source": SOURCE,
            "type": kind,
            "signer": SIGNER,
            "data": data,
        }
        topic = f"{self.prefix}{kind.split('.', maxsplit=1)[0]}.submissions"
        event = Event(event_id, b"case-1", json.dumps(document).encode(), STRUCTURED)
        await publish(self.bootstrap, topic, [event])

    async def records(self, kind: str = "") -> list[Published]:
        """Return all that Herald has published, of one type or of all."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = [TopicPartition(topic, number) for topic in self._topics for number in range(4)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            await consumer.seek_to_beginning()
            found: list[Published] = []
            while any([await consumer.position(one) < end for one, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=300)).values():
                    found += [_published(record) for record in batch]
        finally:
            await consumer.stop()
        return [one for one in found if kind in ("", one.headers["ce_type"])]


def _published(record: Any) -> Published:
    headers = {name: (value or b"").decode() for name, value in record.headers}
    return Published(
        record.topic, record.partition, record.offset, record.key, headers, record.value, tuple(record.headers)
    )  # fmt: skip


def file(name: str, content: bytes, media_type: str) -> dict[str, Any]:
    """Return a file of a message that the sandbox is to make."""
    return {"name": name, "content": base64.b64encode(content).decode(), "mediaType": media_type}


async def fetched(client: httpx.AsyncClient, url: str) -> tuple[int, str]:
    """Fetch a file; return its size and SHA-256. Raises httpx.TransportError."""
    digest, size = hashlib.sha256(), 0
    async with client.stream("GET", url) as answer:
        answer.raise_for_status()
        async for chunk in answer.aiter_bytes():
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


async def uploaded(client: httpx.AsyncClient, megabytes: int) -> dict[str, str]:
    """Upload a file; return how an event names it. Raises httpx.TransportError."""
    digest = hashlib.sha256(PIECE * megabytes).hexdigest()
    answer = await client.post(
        "/files",
        content=_pieces(megabytes),
        params={"sha256": digest, "name": "udostoverenie.pdf", "source": SOURCE},
        headers={"Content-Type": "application/pdf", "Content-Length": str(megabytes * len(PIECE))},
    )
    answer.raise_for_status()
    return {"id": answer.json()["id"], "sha256": digest}


async def _pieces(megabytes: int) -> AsyncIterator[bytes]:
    for _ in range(megabytes):
        yield PIECE
