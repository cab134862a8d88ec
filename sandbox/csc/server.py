"""The sandbox of a CSC provider: the server with its stand-in, the client's secret and the credentials' PINs."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from cryptography import x509

from sandbox.clock import Clock
from sandbox.csc.access import CLIENT
from sandbox.csc.stand_in import CscProvider
from sandbox.pki import Pki
from sandbox.remote_signing.keys import credentials
from sandbox.secret_files import kept_secret
from sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path

_PIN_DIGITS = 8


class Sandbox(SandboxServer):
    """A running stand-in of a CSC provider, as an async context manager; its directory's signers have credentials.

    ``directory`` holds the test certificates (`Pki`) and the secrets, made where it has none. Port 0 takes a free one.
    """

    def __init__(
        self,
        directory: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token_seconds: float = 3600.0,
        seed: int = 0,
    ) -> None:
        pki = Pki.at(directory)
        clock = Clock()
        self.client_secret_file = kept_secret(directory / "csc-client.secret", secrets.token_urlsafe(18))
        self.pin_files = {
            signer.name: kept_secret(directory / "signers" / f"{signer.name}.pin", _new_pin())
            for signer in pki.signers
        }
        self.provider = CscProvider(
            credentials(pki),
            {name: path.read_text(encoding="ascii") for name, path in self.pin_files.items()},
            x509.load_pem_x509_certificate(pki.ca_file.read_bytes()),
            self.client_secret_file.read_text(encoding="ascii"),
            now=clock.now,
            token_seconds=token_seconds,
        )
        super().__init__(self.provider, pki, clock, host=host, port=port, seed=seed)

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        await super().start()
        self.provider.url = self.url

    def ready(self) -> dict[str, object]:
        """Return what a client needs to know, ready for JSON."""
        return {
            **super().ready(),
            "client_id": CLIENT,
            "client_secret_file": str(self.client_secret_file.resolve()),
            "signers": [
                {**signer.shown(), "pin_file": str(self.pin_files[signer.name].resolve())}
                for signer in self.pki.signers
            ],
        }


def _new_pin() -> str:
    return str(secrets.randbelow(10**_PIN_DIGITS)).zfill(_PIN_DIGITS)
