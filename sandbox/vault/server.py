"""The sandbox of Vault's transit engine: the server with its stand-in, and its token."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sandbox.clock import Clock
from sandbox.pki import Pki
from sandbox.remote_signing.keys import credentials
from sandbox.secret_files import kept_secret
from sandbox.server import SandboxServer
from sandbox.vault.stand_in import LATEST, TransitEngine

if TYPE_CHECKING:
    from pathlib import Path


class Sandbox(SandboxServer):
    """A running stand-in, as an async context manager; its directory's signers have keys of the same names.

    ``directory`` holds the test certificates (`Pki`) and the token, made where it has none. Port 0 takes a free one.
    """

    def __init__(self, directory: Path, *, host: str = "127.0.0.1", port: int = 0, seed: int = 0) -> None:
        pki = Pki.at(directory)
        clock = Clock()
        self.token_file = kept_secret(directory / "vault.token", f"hvs.{secrets.token_urlsafe(24)}")
        engine = TransitEngine(credentials(pki), self.token_file.read_text(encoding="ascii"), now=clock.now)
        super().__init__(engine, pki, clock, host=host, port=port, seed=seed)

    def ready(self) -> dict[str, object]:
        """Return what a client needs to know, ready for JSON."""
        return {
            **super().ready(),
            "token_file": str(self.token_file.resolve()),
            "key_version": LATEST,
            "signers": [
                {**signer.shown(), "certificate_file": str(signer.certificate_file.resolve())}
                for signer in self.pki.signers
            ],
        }
