"""The receiver of the demo: inside the worker, with a secret address for each system that calls."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.sandbox import Sandbox

_SECRET_BYTES = 24


def address_file(directory: Path, host: str, port: int, system: str) -> Path:
    """Make the secret part of a system's address, and return the file with the whole address."""
    secret = secrets.token_hex(_SECRET_BYTES)
    _secret_file(directory, system).write_text(f"{secret}\n", encoding="utf-8")
    file = directory / f"{system}.address"
    file.write_text(f"https://{host}:{port}/{system}/{secret}\n", encoding="utf-8")
    return file


def receiver_settings(
    directory: Path, host: str, port: int, systems: Iterable[str], shown: Sandbox
) -> dict[str, Any]:
    """Return the section `receiver`. ``shown``: the sandbox whose certificate, for this machine, it shows too."""
    certificates = Path(shown.ca_file).parent
    return {
        "in_worker": True,
        "host": host,
        "port": port,
        "tls": {
            "cert_file": str(certificates / "server.pem"),
            "key_file": str(certificates / "server-key.pem"),
        },
        "routes": {system: {"secret_file": str(_secret_file(directory, system))} for system in systems},
    }


def _secret_file(directory: Path, system: str) -> Path:
    return directory / f"{system}.route"
