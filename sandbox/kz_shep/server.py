"""The SHEP sandbox: the server with its stand-in, and the gateway's own key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from sandbox.authority import Authority
from sandbox.clock import Clock
from sandbox.kz_shep import credential
from sandbox.kz_shep.names import PATH
from sandbox.kz_shep.stand_in import SENDERS, ShepGateway
from sandbox.pki import Pki
from sandbox.secret_files import write_secret
from sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path


class Sandbox(SandboxServer):
    """A running stand-in of SHEP, with an NCANode beside it, as an async context manager.

    ``directory`` holds the test certificates (`Pki`), the gateway's key and the senders' passwords, made when it
    has none. Port 0 takes a free one.
    """

    def __init__(self, directory: Path, *, host: str = "127.0.0.1", port: int = 0, seed: int = 0) -> None:
        pki = Pki.at(directory)
        if not (directory / credential.CERTIFICATE).is_file():
            credential.create(directory, Authority.create("Herald sandbox: CA of SHEP"))
        clock = Clock()
        stand_in = ShepGateway(
            authority=x509.load_pem_x509_certificate(pki.ca_file.read_bytes()),
            gateway=credential.load(directory),
            now=clock.now,
            seed=seed,
        )
        super().__init__(stand_in, pki, clock, host=host, port=port, seed=seed)
        self._senders = {
            name: write_secret(directory / "senders" / f"{name}.password", password)
            for name, password in SENDERS.items()
        }

    def ready(self) -> dict[str, object]:
        """Return what a client needs to know, ready for JSON."""
        return {
            **super().ready(),
            "gateway_url": self.url + PATH,
            "gateway_certificate_file": str((self.pki.directory / credential.CERTIFICATE).resolve()),
            "signers": [signer.shown() for signer in self.pki.signers],
            "senders": [
                {"sender_id": name, "password_file": str(path.resolve())}
                for name, path in self._senders.items()
            ],
        }
