"""Tokens of SoftHSM in a directory of their own, and keys in them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.support.signing.certificates import Issued

ROOT = Path(__file__).parents[3]
PIN = "7391-Pin"
SO_PIN = "so-5820-pin"


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key and its certificate as the token gets them. ``id``: shared by both; ``always``: a login for each use."""

    issued: Issued
    label: str
    id: bytes
    always: bool = False
    with_certificate: bool = True


class SoftHsm:
    """A directory with tokens, and the configuration that leads the module there."""

    def __init__(self, module: Path, directory: Path) -> None:
        self.module = module
        self.tokens = directory / "tokens"
        self.tokens.mkdir(parents=True)
        self.configuration = directory / "softhsm2.conf"
        self.configuration.write_text(
            f"directories.tokendir = {self.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n"
        )

    @property
    def environment(self) -> dict[str, str]:
        """The variable that the module needs."""
        return {"SOFTHSM2_CONF": str(self.configuration)}

    def make_token(self, label: str, pin: str = PIN) -> str:
        """Make a token and return its serial number."""
        before = set(self.tokens.iterdir())
        self._util("--init-token", "--free", "--label", label, "--so-pin", SO_PIN, "--pin", pin)
        (made,) = set(self.tokens.iterdir()) - before
        # The directory is named by a UUID, whose end is the serial number.
        return re.sub(r"[^0-9a-f]", "", made.name)[-16:]

    def store(
        self, token: str, keys: Iterable[StoredKey], pin: str = PIN, *, authorities: Iterable[Issued] = ()
    ) -> None:
        """Put keys and certificates into a token, by another process: the module keeps what it has loaded."""
        told = {
            "module": str(self.module),
            "token": token,
            "pin": pin,
            "keys": [_as_json(key) for key in keys],
            "authorities": [_der(one) for one in authorities],
        }
        self._run("store", told)

    def change_pin(self, token: str, old: str, new: str) -> None:
        """Set another PIN."""
        self._run("set_pin", {"module": str(self.module), "token": token, "old": old, "new": new})

    def pull_out(self) -> None:
        """Take all tokens away, as if they were unplugged."""
        self.tokens.rename(self.tokens.with_name("pulled"))
        self.tokens.mkdir()

    def put_back(self) -> None:
        """Plug them in again."""
        self.tokens.rmdir()
        self.tokens.with_name("pulled").rename(self.tokens)

    def _run(self, script: str, told: dict[str, object]) -> None:
        subprocess.run(
            [sys.executable, "-m", f"tests.support.softhsm.{script}"],
            input=json.dumps(told),
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, **self.environment},
            timeout=60,
        )

    def _util(self, *arguments: str) -> None:
        subprocess.run(
            ["softhsm2-util", "--module", str(self.module), *arguments],
            check=True,
            capture_output=True,
            env={**os.environ, **self.environment},
            timeout=60,
        )


def _as_json(key: StoredKey) -> dict[str, object]:
    private = key.issued.key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return {
        "label": key.label,
        "id": key.id.hex(),
        "always": key.always,
        "key": private.hex(),
        "certificate": _der(key.issued) if key.with_certificate else None,
    }


def _der(issued: Issued) -> str:
    return issued.certificate.public_bytes(Encoding.DER).hex()
