"""The sandbox of B-Trust's Automatic Remote Signing: the server with its stand-in, and the consents' tokens."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sandbox.btrust.stand_in import PREFIX, BtrustService
from sandbox.clock import Clock
from sandbox.pki import Pki
from sandbox.remote_signing.keys import credentials
from sandbox.secret_files import kept_secret
from sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path


class Sandbox(SandboxServer):
    """A running stand-in, as an async context manager; its directory's signers have given their consent.

    ``directory`` holds the test certificates (`Pki`) and the tokens, made where it has none. Port 0 takes a free one.
    """

    def __init__(self, directory: Path, *, host: str = "127.0.0.1", port: int = 0, seed: int = 0) -> None:
        pki = Pki.at(directory)
        clock = Clock()
        self.token_files = {
            signer.name: kept_secret(
                directory / "signers" / f"{signer.name}.consent", secrets.token_urlsafe(24)
            )
            for signer in pki.signers
        }
        tokens = {name: path.read_text(encoding="ascii") for name, path in self.token_files.items()}
        service = BtrustService(credentials(pki), tokens, now=clock.now)
        super().__init__(service, pki, clock, host=host, port=port, seed=seed)

    @property
    def service_url(self) -> str:
        """The address up to `/arsign/sync`."""
        return self.url + PREFIX

    def ready(self) -> dict[str, object]:
        """Return what a client needs to know, ready for JSON."""
        return {
            **super().ready(),
            "service_url": self.service_url,
            "signers": [
                {
                    **signer.shown(),
                    "certificate_file": str(signer.certificate_file.resolve()),
                    "token_file": str(self.token_files[signer.name].resolve()),
                }
                for signer in self.pki.signers
            ],
        }
