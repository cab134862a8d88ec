"""The keys of a sandbox's signers, from their PKCS#12 files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from sandbox.authority import Credential

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.pki import Pki, SignerFiles


def credentials(pki: Pki) -> Mapping[str, Credential]:
    """Return key and certificate of each signer by name. Raises OSError, ValueError, TypeError."""
    return {signer.name: _credential(signer) for signer in pki.signers}


def _credential(signer: SignerFiles) -> Credential:
    password = signer.password_file.read_bytes().rstrip(b"\r\n")
    content = pkcs12.load_pkcs12(signer.pkcs12_file.read_bytes(), password)
    if not isinstance(content.key, rsa.RSAPrivateKey) or content.cert is None:
        raise TypeError(f"{signer.pkcs12_file} is no RSA key with its certificate")
    return Credential(content.key, content.cert.certificate)
