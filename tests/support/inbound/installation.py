"""Everything around a receiver: its topic, its journal, its certificate and settings; and the system that calls."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from sandbox.authority import Authority
from tests.support.inbound.invented import NAME, signed
from tests.support.kafka.cluster import free_ports
from tests.support.kafka.topics import create_topics
from tests.support.processes.forked import Forked, fork_server
from tests.support.worker.plain_http import plain_client

SECRET = "s" * 40
PATIENCE = 30.0


@dataclass(frozen=True)
class ReceiverInstallation:
    """One test's surroundings; nothing in it is shared but the servers."""

    bootstrap: str
    prefix: str
    dsn: str
    directory: Path

    @classmethod
    def build(cls, bootstrap: str, dsn: str, directory: Path) -> ReceiverInstallation:
        made = cls(bootstrap, f"t-{uuid.uuid4().hex[:12]}.", dsn, directory)
        create_topics(bootstrap, [made.topic])
        authority = Authority.create("Invented authority")
        made.renew(authority)
        (directory / "ca.pem").write_bytes(authority_pem(authority))
        (directory / "secret").write_text(f"{SECRET}\n")
        (directory / "dsn").write_text(dsn)
        return made

    @property
    def topic(self) -> str:
        return f"{self.prefix}{NAME}.notifications"

    def renew(self, authority: Authority) -> None:
        """Write a new certificate of the receiver."""
        server = authority.issue_server()
        (self.directory / "key.pem").write_bytes(server.key_pem())
        (self.directory / "cert.pem").write_bytes(server.certificate_pem())

    def settings(self, **receiver: Any) -> dict[str, Any]:
        """Return the settings; ``receiver`` changes that section."""
        health, port = free_ports(2)
        section = {
            "host": "127.0.0.1",
            "port": port,
            "tls": {
                "cert_file": str(self.directory / "cert.pem"),
                "key_file": str(self.directory / "key.pem"),
            },
            "routes": {NAME: {"secret_file": str(self.directory / "secret"), "requests_per_second": 10000}},
            "requests_per_second_per_peer": 10000,
            "max_connections_per_peer": 200,
            "answer_seconds": 5,
            **receiver,
        }
        return {
            "kafka": {"bootstrap_servers": self.bootstrap, "topic_prefix": self.prefix},
            "journal": {"dsn_file": str(self.directory / "dsn"), "connect_seconds": 2},
            "systems": {NAME: {}},
            "signing": {"reload_seconds": 1},
            "health": {"host": "127.0.0.1", "port": health},
            "receiver": {name: value for name, value in section.items() if value is not None},
        }

    @contextmanager
    def process(self, settings: dict[str, Any], **variables: str) -> Iterator[Forked]:
        """Run a receiver; its log lies beside the settings. It is killed at the end."""
        config = self.directory / f"herald-{uuid.uuid4().hex[:6]}.yaml"
        config.write_text(json.dumps(settings))
        process = fork_server().start(
            "tests.support.inbound.process",
            str(config),
            stdout=(log := config.with_suffix(".log")),
            stderr=log,
            variables={**os.environ, **variables},
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait(10)

    def logs(self) -> str:
        """Return what all receivers have written."""
        return "".join(path.read_text() for path in self.directory.glob("herald-*.log"))

    def client(self, **options: Any) -> httpx.AsyncClient:
        """Return the calling system's client."""
        context = ssl.create_default_context(cafile=self.directory / "ca.pem")
        return httpx.AsyncClient(verify=context, timeout=15, **options)

    async def records(self) -> list[ConsumerRecord[bytes, bytes]]:
        """Return everything that the topic has now."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.bootstrap, auto_offset_reset="earliest")
        await consumer.start()
        try:
            partitions = [TopicPartition(self.topic, number) for number in range(4)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            await consumer.seek_to_beginning()
            found: list[ConsumerRecord[bytes, bytes]] = []
            while any([await consumer.position(one) < end for one, end in ends.items()]):
                for batch in (await consumer.getmany(timeout_ms=500)).values():
                    found += batch
        finally:
            await consumer.stop()
        return found


def authority_pem(authority: Authority) -> bytes:
    """Return the authority's certificate as PEM."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return authority.certificate.public_bytes(Encoding.PEM)


def url_of(settings: dict[str, Any], path: str = f"/{NAME}/{SECRET}/status") -> str:
    """Return the address of a route."""
    scheme = "https" if "tls" in settings["receiver"] else "http"
    return f"{scheme}://127.0.0.1:{settings['receiver']['port']}{path}"


async def ready(settings: dict[str, Any]) -> None:
    """Wait until a receiver takes calls."""
    health = f"http://127.0.0.1:{settings['health']['port']}/readyz"
    async with asyncio.timeout(PATIENCE), plain_client(5) as client:
        while True:
            try:
                if (await client.get(health)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


async def call(client: httpx.AsyncClient, url: str, body: bytes, **headers: str) -> int:
    """Call once; return the status, 0 where no answer came."""
    try:
        return (await client.post(url, content=body, headers=headers or signed(body))).status_code
    except httpx.TransportError:
        return 0


async def call_until_taken(
    client: httpx.AsyncClient, url: str, body: bytes, *, pause: float = 0.3, seconds: float = 60
) -> list[int]:
    """Call as the system does, again and again until it gets 200; return all statuses."""
    seen: list[int] = []
    async with asyncio.timeout(seconds):
        while not seen or seen[-1] != 200:
            if seen:
                await asyncio.sleep(pause)
            seen.append(await call(client, url, body))
    return seen


@asynccontextmanager
async def receiving(
    installation: ReceiverInstallation, **receiver: Any
) -> AsyncIterator[tuple[dict[str, Any], httpx.AsyncClient]]:
    """Run a receiver that takes calls, and a client for it."""
    settings = installation.settings(**receiver)
    with installation.process(settings):
        await ready(settings)
        async with installation.client() as client:
            yield settings, client
