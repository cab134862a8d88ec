"""The NHIF sandbox: the server with its stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sandbox.clock import Clock
from sandbox.nhif.stand_in import NhifApi
from sandbox.pki import Pki
from sandbox.server import SandboxServer

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.pki import SignerFiles


class Sandbox(SandboxServer):
    """A running stand-in of NHIF, as an async context manager; its directory's signers are registered.

    ``directory`` holds the test certificates (`Pki`), made when it has none. Port 0 takes a free one.
    """

    def __init__(self, directory: Path, *, host: str = "127.0.0.1", port: int = 0, seed: int = 0) -> None:
        pki = Pki.at(directory)
        clock = Clock()
        certificates = {signer.name: _der(signer) for signer in pki.signers}
        super().__init__(NhifApi(certificates, now=clock.now), pki, clock, host=host, port=port, seed=seed)

    def ready(self) -> dict[str, object]:
        """Return what a client needs to know, ready for JSON."""
        return {**super().ready(), "signers": [signer.shown() for signer in self.pki.signers]}


def _der(signer: SignerFiles) -> bytes:
    certificate = x509.load_pem_x509_certificate(signer.certificate_file.read_bytes())
    return certificate.public_bytes(Encoding.DER)
