"""Files served over real TLS, in the process of the test: the receiver's server with nothing but files."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from sandbox.authority import Authority, Credential
from tests.support.postgres.journal import RealClock
from worker.file_addresses import FileAddresses
from worker.files.counts import FileCounts
from worker.inbound import tls
from worker.inbound.connections import Bounds
from worker.inbound.files.clients import SIGNED, Clients
from worker.inbound.files.requests import Doors
from worker.inbound.files.serving import FileServing
from worker.inbound.files.settings import FileClient
from worker.inbound.meter import UNMETERED
from worker.inbound.rates import Rates
from worker.inbound.routes import Routes
from worker.inbound.server import ReceiverServer
from worker.inbound.settings import ReceiverTls

if TYPE_CHECKING:
    from pathlib import Path

    from worker.files.store import JournalFileStore

KEY = b"k" * 40
HIS, OTHER = "his", "other-his"
"""Two systems: the first has the sources urn:hospital:1*, the second urn:hospital:2."""


@dataclass
class ServedFiles:
    """A running server, and clients for it. ``unknown`` has a certificate that no setting names."""

    server: ReceiverServer
    addresses: FileAddresses
    authority: Authority
    directory: Path
    ca: Path

    @property
    def base(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self.server.address[1]}"

    def client(self, name: str | None = None, **options: Any) -> httpx.AsyncClient:
        """Return a client, with the certificate of this name."""
        context = ssl.create_default_context(cafile=self.ca)
        if name is not None:
            context.load_cert_chain(self.directory / f"{name}.pem")
        return httpx.AsyncClient(verify=context, base_url=self.base, timeout=15, **options)


@cache
def _authority() -> Authority:
    return Authority.create("Invented authority")


@cache
def _server() -> Credential:
    return _authority().issue_server()


@cache
def _client(name: str) -> Credential:
    return _authority().issue_seal(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))


def write_client(directory: Path, name: str) -> str:
    """Write a client's certificate with its key; return its fingerprint."""
    issued = _client(name)
    (directory / f"{name}.pem").write_bytes(issued.certificate_pem() + issued.key_pem())
    return issued.certificate.fingerprint(SHA256()).hex()


async def serve(store: JournalFileStore, directory: Path, **changes: Any) -> ServedFiles:
    """Start a server; stop it by `server.stop`."""
    clock, authority, ca = RealClock(), _authority(), directory / "ca.pem"
    issued = _server()
    (directory / "server.pem").write_bytes(issued.certificate_pem())
    (directory / "server.key").write_bytes(issued.key_pem())
    ca.write_bytes(authority.pem())
    prints = {name: write_client(directory, name) for name in (HIS, OTHER, "unknown")}
    clients = {
        HIS: FileClient(fingerprints=(prints[HIS],), sources=("urn:hospital:1*",)),
        OTHER: FileClient(subject=f"CN={OTHER}", sources=("urn:hospital:2",)),
    }
    addresses = FileAddresses([KEY], "https://127.0.0.1", 60, clock.now)
    options = {"transfers": 8, "stall": 5.0, "uploads": True, "retry_after": 30, "rate": 1000.0} | changes
    rates = Rates(dict.fromkeys((HIS, OTHER, SIGNED), options.pop("rate")), 1000)
    serving = FileServing(
        store,
        store.accesses,
        Doors(Clients(clients), addresses),
        rates,
        meter=FileCounts(),
        **options,
    )
    taking: Any = None  # no system calls here
    server = ReceiverServer(
        taking,
        Routes({}),
        rates,
        clock,
        bounds=Bounds(body=1024, seconds=5, connections=100, per_peer=100),
        trusted=(),
        meter=UNMETERED,
        retry_after=30,
        files=serving,
    )
    settings = ReceiverTls(
        cert_file=directory / "server.pem", key_file=directory / "server.key", client_ca_file=ca
    )
    await server.start("127.0.0.1", 0, tls.server_context(settings))
    addresses._base_url = f"https://127.0.0.1:{server.address[1]}"
    return ServedFiles(server, addresses, authority, directory, ca)
