"""The NHIS sandbox: the server with its stand-in, and the signers whose certificates it knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cryptography import x509

from sandbox.nhis.operations import REQUEST_TYPES
from sandbox.nhis.schemas import BUNDLED
from sandbox.nhis.stand_in import NhisStandIn
from sandbox.nhis.state import State
from sandbox.pki import Pki, SignerFiles
from sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.nhis.ledger import Ledger


class Sandbox(SandboxServer):
    """A running stand-in of NHIS, as an async context manager.

        async with Sandbox(directory) as nhis:
            nhis.faults.add("drop-after", match={"messageType": "I001"}, times=1)
            ...
            nhis.ledger.registrations

    ``directory`` holds the test certificates (`Pki`), made when it has none. Port 0 takes a free one.
    """

    def __init__(
        self,
        directory: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        schemas: Path = BUNDLED,
        token_seconds: float = 7200.0,
        seed: int = 0,
        signers_file: Path | None = None,
        message_order: str | None = None,
    ) -> None:
        pki = Pki.at(directory)
        authority = x509.load_pem_x509_certificate(pki.ca_file.read_bytes())
        self.state = State.create(
            authority=authority,
            schemas=schemas,
            request_types=REQUEST_TYPES,
            token_seconds=token_seconds,
            seed=seed,
            message_order=message_order,
        )
        super().__init__(NhisStandIn(self.state), pki, self.state.clock, host=host, port=port, seed=seed)
        self._register_signers(signers_file or directory / "signers.json")

    @property
    def auth_url(self) -> str:
        """The token endpoint."""
        return f"{self.url}/token"

    @property
    def signers(self) -> tuple[SignerFiles, ...]:
        """The signers whose keys the sandbox made."""
        return self.pki.signers

    @property
    def ledger(self) -> Ledger:
        """The ledger of registrations."""
        return self.state.ledger

    def ready(self) -> dict[str, object]:
        """Return what a client needs to know, ready for JSON."""
        signers = [signer.shown() for signer in self.signers]
        return {**super().ready(), "auth_url": self.auth_url, "signers": signers}

    def _register_signers(self, path: Path) -> None:
        for item in json.loads(path.read_text(encoding="utf-8")):
            certificate = (path.parent / item["certificate"]).read_bytes()
            self.state.signers.register(item["name"], item["uin"], certificate)
