"""Signers at providers against their stand-ins in memory: no network, and a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sandbox import stand_in
from sandbox.authority import Authority, Credential
from sandbox.pki import DOCTORS
from tests.support.fakes.scripted_client import Request
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.backend import Context
from worker.signing.port import Identity
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.transport.port import Answer, DeliveryError

SECRETS = {"secret": "hidden-secret-41", "pin": "hidden-pin-73", "token": "hidden-token-58"}
"""What must never appear in what is shown."""
Fault = Callable[[Request], Answer | DeliveryError | None]


@dataclass
class Time:
    """A wall clock and a monotonic one that move together, and only when they are moved."""

    start: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    passed: float = 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)


@dataclass
class StandInClient:
    """An HttpClient that asks a stand-in directly; ``fault`` may answer or fail in its place."""

    stand_in: stand_in.StandIn
    fault: Fault = lambda _: None
    after: Fault = lambda _: None
    """The same, but after the stand-in has processed the request."""
    requests: list[Request] = field(default_factory=list)
    closed: bool = False

    async def request(self, method, url, *, headers, content=b"", reuse=True, guard=None):
        request = Request(method, url, headers, content, reuse)
        self.requests.append(request)
        await asyncio.sleep(0)
        found = self.fault(request)
        if guard is not None and not (isinstance(found, DeliveryError) and not found.sent):
            guard.begin()
        if found is None:
            answered = self.stand_in.answer(_as_received(request))
            found = self.after(request) or Answer(answered.status, dict(answered.headers), answered.body)
        if isinstance(found, DeliveryError):
            raise found
        return found

    async def aclose(self):
        self.closed = True

    def count(self, end: str) -> int:
        """Return how many requests went to addresses with this end."""
        return sum(one.url.endswith(end) for one in self.requests)


def _as_received(request: Request) -> stand_in.Request:
    path = "/" + request.url.split("//", 1)[1].split("/", 1)[1]
    headers: Mapping[str, str] = {name.lower(): value for name, value in request.headers.items()}
    return stand_in.Request(request.method, path, "", headers, request.content)


def context(time: Time, refused: SecretsRefusedHere | None = None) -> Context:
    return Context(time.now, time.monotonic, refused or SecretsRefusedHere())


@dataclass(frozen=True)
class People:
    """Invented signers with keys, and their authority."""

    authority: Authority
    keys: Mapping[str, Credential]

    @classmethod
    def make(cls) -> People:
        authority = Authority.create("Test CA")
        return cls(authority, {one.name: authority.issue_signer(one) for one in DOCTORS[:2]})

    def proves(self, name: str, digest: bytes, signature: bytes, algorithm=SignatureAlgorithm.RSA_SHA256):
        return algorithm.verify(self.keys[name].key.public_key(), digest, signature)

    def identity(self, name: str) -> Identity:
        return Identity(self.keys[name].certificate, (), SignatureAlgorithm.RSA_SHA256)
