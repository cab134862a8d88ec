"""One doctor's key in a token, where SoftHSM is installed: a token in software, made for this run alone."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

if TYPE_CHECKING:
    from collections.abc import Mapping

TOOL = "softhsm2-util"
MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
    Path("/usr/local/lib/softhsm/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
)
LABEL, KEY_ID = "herald-demo", "01"
SECONDS = 30.0


def module() -> Path | None:
    """Return SoftHSM's library; None where it or its tool is not installed."""
    return next((one for one in MODULES if one.is_file()), None) if shutil.which(TOOL) else None


def on_token(signer: Mapping[str, Any], library: Path, directory: Path) -> dict[str, Any]:
    """Move a signer's key into a new token, and return the settings of the signer there.

    The PIN is random and goes to the tool as an argument, which other users can read: a token with a real key is never
    set up so.
    """
    directory.mkdir()
    pin, configuration = secrets.token_hex(4), directory / "softhsm2.conf"
    (directory / "tokens").mkdir()
    (directory / "pin").write_text(pin)
    configuration.write_text(f"directories.tokendir = {directory / 'tokens'}\nobjectstore.backend = file\n")
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    held = pkcs12.load_pkcs12(
        Path(signer["pkcs12_file"]).read_bytes(), Path(signer["password_file"]).read_text().strip().encode()
    )
    key.write_bytes(held.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))  # type: ignore[union-attr]
    issued = [one.certificate for one in (held.cert, *held.additional_certs) if one]
    certificate.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in issued))
    environment = {"SOFTHSM2_CONF": str(configuration)}
    _tool(
        environment,
        "--init-token",
        "--free",
        "--label",
        LABEL,
        "--pin",
        pin,
        "--so-pin",
        secrets.token_hex(4),
    )
    _tool(
        environment, "--import", str(key), "--token", LABEL, "--label", "doctor", "--id", KEY_ID, "--pin", pin
    )
    key.unlink()
    return {
        "kind": "pkcs11",
        "module": str(library),
        "environment": environment,
        "token": {"label": LABEL},
        "key": {"id": KEY_ID},
        "pin_file": str(directory / "pin"),
        "certificate_file": str(certificate),
    }


def _tool(environment: Mapping[str, str], *arguments: str) -> None:
    subprocess.run(  # noqa: S603 - a program of the machine, with arguments of this file
        [TOOL, *arguments],
        check=True,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=SECONDS,
    )
