"""The sandboxes of RegiX and ePayments as processes, and the certificate of the receiver that they call."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.authority import Authority
from sandbox.pki import Pki
from sandbox.regix.credentials import Credentials
from tests.support.worker.sandbox import Sandbox
from tests.support.worker.sandbox import running as sandbox_running

ASYNC_SECONDS = 3.0
"""How long RegiX takes for an asynchronous answer."""
CALLBACKS = {
    "time_scale": 0.01,  # the documented minute before a callback is tried again is 0.6 s
    "timeout_seconds": 3,
    "concurrency": 4,
    "beside": [{}, {"hmac": "forged"}],
}
"""How ePayments calls: with each attempt goes a duplicate of it, and one with a forged signature."""
VARIANTS = {"callback_retry_seconds": 1.0}


class StandIn(Sandbox):
    """A sandbox with controls of its own."""

    def control(self, name: str, body: dict[str, Any] | list[Any]) -> Any:
        """Use one of its controls, and return what it says."""
        return self._control.post(f"/{name}", json=body).raise_for_status().json()


@dataclass(frozen=True, slots=True)
class EgovServers:
    """Both sandboxes, and the files of the receiver's certificate."""

    regix: StandIn
    epayment: StandIn
    ca_file: Path
    """Who issued the receiver's certificate."""
    cert_file: Path
    key_file: Path

    def prepare(self) -> None:
        """Let both call as a run needs it."""
        self.regix.control("variants", VARIANTS)
        self.epayment.control("callbacks", CALLBACKS)


@contextmanager
def running(directory: Path) -> Iterator[EgovServers]:
    """Run both, with certificates that are valid for a worker whose clock is a day behind, too."""
    directory.mkdir()
    regix, epayment = directory / "regix", directory / "epayment"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.authority._BACKDATED", timedelta(days=3))
        authority = Authority.create("Herald sandbox: CA of the receiver")
        server = authority.issue_server()
        for one in (regix, epayment):
            one.mkdir()
            Pki.at(one)
        Credentials.at(regix)
    names = {name: directory / f"receiver-{name}.pem" for name in ("ca", "cert", "key")}
    names["ca"].write_bytes(authority.pem())
    names["cert"].write_bytes(server.certificate_pem())
    names["key"].write_bytes(server.key_pem())
    options = ("--async-seconds", str(ASYNC_SECONDS), "--callback-ca", str(names["ca"]))
    with (
        sandbox_running("regix", regix, *options, kind=StandIn) as first,
        sandbox_running("epayment", epayment, kind=StandIn) as second,
    ):
        servers = EgovServers(first, second, names["ca"], names["cert"], names["key"])
        servers.prepare()
        yield servers
