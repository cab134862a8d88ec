"""Signers on tokens, closed after each test."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.pkcs11.fake_token import FakeToken
from worker.signing.backend import Context
from worker.signing.pkcs11.building import Tokens
from worker.signing.pkcs11.link import COMMAND
from worker.signing.refused_secrets import SecretsRefusedHere

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from worker.signing.pkcs11.settings import Pkcs11Settings
    from worker.signing.pkcs11.signer import Pkcs11Signer
    from worker.signing.port import RefusedSecrets


class Workshop:
    """Makes signers as several workers do, each worker with processes of its own."""

    def __init__(self) -> None:
        self.memory: RefusedSecrets = SecretsRefusedHere()
        self._made: list[Pkcs11Signer] = []

    def worker(self, command: Sequence[str] = COMMAND) -> Callable[[str, Pkcs11Settings], Pkcs11Signer]:
        """Return what makes the signers of one worker."""
        tokens = Tokens(command)
        context = Context(lambda: datetime.now(UTC), time.monotonic, self.memory)

        def make(name: str, settings: Pkcs11Settings) -> Pkcs11Signer:
            signer = tokens.make(name, settings, context)
            self._made.append(signer)
            return signer

        return make

    async def close(self) -> None:
        """Close all of them."""
        for signer in self._made:
            await signer.close()


@pytest.fixture
async def workshop() -> AsyncIterator[Workshop]:
    """Signers of this test."""
    made = Workshop()
    yield made
    await made.close()


@pytest.fixture
def fake(tmp_path: Path) -> FakeToken:
    """A token that misbehaves on request."""
    return FakeToken(tmp_path)
