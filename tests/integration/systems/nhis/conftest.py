"""The NHIS package against the sandbox: real TLS, real keys, the real client; only the engine is missing."""

from __future__ import annotations

import time
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from sandbox.nhis.server import Sandbox
from worker.outcome import Outcome
from worker.signing.registry import load_signers
from worker.signing.settings import Pkcs12Signer
from worker.submission import Submission
from worker.systems.dependencies import Dependencies
from worker.systems.nhis import build as build_module
from worker.systems.nhis.build import build
from worker.systems.nhis.settings import NhisSettings
from worker.systems.nhis.system import NhisSystem
from worker.systems.port import Attempt, Prepared
from worker.transport.port import Answer, SendGuard


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="session", autouse=True)
def compiled_once():
    """Compile each schema once for all tests: that is most of what building a system costs."""
    known, compiled = {}, build_module.request_schemas

    def schemas(settings, types):
        key = (settings.schema_dir, settings.message_order, tuple(types))
        if key not in known:
            known[key] = compiled(settings, key[-1])
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build_module, "request_schemas", schemas)
        yield


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """A directory for the sandbox's certificates: made once."""
    return tmp_path_factory.mktemp("nhis-pki")


@pytest.fixture
async def sandbox(certificates):
    async with Sandbox(certificates) as sandbox:
        yield sandbox


@dataclass
class Worker:
    """What the engine does with a system, without retries: one attempt, and the look-up after it."""

    system: NhisSystem

    async def prepare(self, event: Submission) -> Prepared:
        return await self.system.prepare(event, self._attempt(event))

    async def send(self, event: Submission) -> Outcome:
        await self.system.check(event)
        prepared = await self.prepare(event)
        return self.system.interpret(
            event, prepared, await self.system.exchange(prepared, SendGuard(lambda: True))
        )

    async def look_up(self, event: Submission, found: Outcome) -> Outcome:
        query = await self.system.prepare_look_up(event, self._attempt(event), found)
        answer: Answer = await self.system.exchange(query, SendGuard(lambda: True))
        return self.system.settle(event, found, query, answer)

    def _attempt(self, event: Submission) -> Attempt:
        return Attempt(1, str(uuid.uuid4()), now(), self.system.identity(event))


def settings_for(sandbox: Sandbox, **more) -> NhisSettings:
    return NhisSettings.model_validate(
        {
            "api_url": sandbox.url,
            "auth_url": sandbox.auth_url,
            "senders": {signer.name: {"uin": signer.uin} for signer in sandbox.signers},
            "transport": {
                "ca_file": sandbox.ca_file, "connect_timeout": 2, "answer_timeout": 2, "total_timeout": 3,
            },
        }
        | more
    )  # fmt: skip


def keys_of(sandbox: Sandbox, *, exchanged: dict[str, str] | None = None):
    """Load the signers' keys; ``exchanged`` gives a signer another one's file, as an operator might by mistake."""
    files = {signer.name: signer for signer in sandbox.signers}
    source = {name: files[(exchanged or {}).get(name, name)] for name in files}
    signers = {
        name: Pkcs12Signer(file=one.pkcs12_file, password_file=one.password_file)
        for name, one in source.items()
    }
    loaded = load_signers(signers, clock=now)
    assert loaded.problems == {}
    return loaded.keys


@pytest.fixture
def worker_for(sandbox):
    @asynccontextmanager
    async def make(*, keys=None, code_lists=None, at=sandbox, **more):
        dependencies = Dependencies(
            keys=keys or keys_of(at),
            documents={},
            code_lists=code_lists or {},
            now=now,
            monotonic=time.monotonic,
        )
        system = build(settings_for(at, **more), dependencies)
        try:
            yield Worker(system)
        finally:
            await system.close()

    return make


@pytest.fixture
async def worker(worker_for):
    async with worker_for() as worker:
        yield worker
