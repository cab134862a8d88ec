"""Settings of signers at the stand-ins of signing providers, as an operator writes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from pydantic import TypeAdapter

from sandbox.btrust.server import Sandbox as BtrustSandbox
from sandbox.csc.server import Sandbox as CscSandbox
from sandbox.pki import SignerFiles
from sandbox.vault.server import Sandbox as VaultSandbox
from tests.support.signing.certificates import NOW
from worker.signing.checked import CheckedSigner
from worker.signing.port import RefusedSecrets
from worker.signing.registry import load_signers
from worker.signing.settings import SignerSettings

_SETTINGS: TypeAdapter[SignerSettings] = TypeAdapter(SignerSettings)


def csc_settings(ready: Mapping[str, Any], signer: str, **changes: Any) -> dict[str, Any]:
    """Return the settings for a credential; ``ready`` is what the stand-in says of itself."""
    (known,) = (one for one in ready["signers"] if one["name"] == signer)
    given = {
        "kind": "csc",
        "url": ready["url"],
        "ca_file": ready["ca_file"],
        "credential_id": signer,
        "client_id": ready["client_id"],
        "client_secret_file": ready["client_secret_file"],
        "pin_file": known["pin_file"],
        "timeout": 5,
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def csc(sandbox: CscSandbox, signer: str = "dr-ivanova", **changes: Any) -> dict[str, Any]:
    return csc_settings(sandbox.ready(), signer, **changes)


def btrust_settings(ready: Mapping[str, Any], signer: str, **changes: Any) -> dict[str, Any]:
    """Return the settings for a doctor's consent; ``ready`` is what the stand-in says of itself."""
    (known,) = (one for one in ready["signers"] if one["name"] == signer)
    given = {
        "kind": "btrust-ars",
        "url": ready["service_url"],
        "ca_file": ready["ca_file"],
        "token_file": known["token_file"],
        "certificate_file": known["certificate_file"],
        "timeout": 5,
    }
    return given | changes


def btrust(sandbox: BtrustSandbox, signer: str = "dr-ivanova", **changes: Any) -> dict[str, Any]:
    return btrust_settings(sandbox.ready(), signer, **changes)


def vault_settings(ready: Mapping[str, Any], signer: str, **changes: Any) -> dict[str, Any]:
    """Return the settings for a key; ``ready`` is what the stand-in says of itself."""
    (known,) = (one for one in ready["signers"] if one["name"] == signer)
    given = {
        "kind": "vault",
        "url": ready["url"],
        "ca_file": ready["ca_file"],
        "key": signer,
        "key_version": ready["key_version"],
        "token_file": ready["token_file"],
        "certificate_file": known["certificate_file"],
        "timeout": 5,
    }
    return given | changes


def vault(sandbox: VaultSandbox, signer: str = "dr-ivanova", **changes: Any) -> dict[str, Any]:
    return vault_settings(sandbox.ready(), signer, **changes)


def loaded(given: Mapping[str, Any], refused: RefusedSecrets | None = None) -> CheckedSigner:
    """Return the signer that the registry makes of these settings."""
    memory = None if refused is None else lambda _: refused
    signers = load_signers({"doctor": _SETTINGS.validate_python(given)}, clock=lambda: NOW, refused=memory)
    assert signers.problems == {}
    return signers.keys["doctor"]


def client_certificate(signer: SignerFiles, directory: Path) -> dict[str, str]:
    """Write a sandbox signer's key as PEM files, for TLS, and return their settings."""
    password = signer.password_file.read_bytes().rstrip(b"\r\n")
    key = pkcs12.load_pkcs12(signer.pkcs12_file.read_bytes(), password).key
    assert key is not None
    file = directory / f"{signer.name}-tls-key.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return {"certificate_file": str(signer.certificate_file), "key_file": str(file)}
