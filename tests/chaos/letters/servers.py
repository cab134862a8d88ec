"""The sandbox of eDelivery, with the state ESB in front of it, as a process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.esb.credentials import Credentials
from sandbox.pki import Pki
from tests.support.worker.sandbox import Sandbox
from tests.support.worker.sandbox import running as sandbox_running

CLIENT = "hospital"


@dataclass(frozen=True, slots=True)
class LettersServers:
    """The gateway with eDelivery behind it, and the token service, which has faults of its own."""

    edelivery: Sandbox
    tokens: Sandbox

    @property
    def client(self) -> dict[str, str]:
        """The files of the hospital's certificate."""
        found: dict[str, str] = next(one for one in self.edelivery.ready["clients"] if one["name"] == CLIENT)
        return found


@contextmanager
def running(directory: Path, callback_ca: Path) -> Iterator[LettersServers]:
    """Run it, with certificates that are valid for a worker whose clock is a day behind, too."""
    directory.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.authority._BACKDATED", timedelta(days=3))
        Pki.at(directory)
        Credentials.at(directory)
    options = ("--token-port", "0", "--callback-ca", str(callback_ca))
    with sandbox_running("edelivery", directory, *options, kind=Sandbox) as gateway:
        tokens = Sandbox({"url": gateway.ready["token_url"], "ca_file": gateway.ca_file})
        yield LettersServers(gateway, tokens)
        tokens.close()
