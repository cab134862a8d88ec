"""The state of a fake token, as a test makes and changes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.pkcs11.fake_process import COMMAND
from tests.support.signing.certificates import issue, key_usage
from worker.signing.pkcs11.settings import Pkcs11Settings

if TYPE_CHECKING:
    from tests.support.signing.certificates import Issued

RIGHT = "4711-right"
WRONG = "0815-wrong"
ROOT = str(Path(__file__).parents[3])


class FakeToken:
    """A directory that `fake_process` takes for a module."""

    command = COMMAND

    def __init__(self, directory: Path, issued: Issued | None = None) -> None:
        self.state = directory / "token"
        self.state.mkdir(parents=True)
        self.pin_file = directory / "pin"
        self.issued = issued or issue("Fake token", usage=key_usage(digital_signature=True))
        self.write("module")
        self.write("pin", RIGHT)
        self.write("key.pem", self.issued.key_pem().decode())
        (self.state / "certificate.der").write_bytes(self.issued.certificate.public_bytes(Encoding.DER))
        self.pin_file.write_text(f"{RIGHT}\n")

    def write(self, name: str, content: str = "") -> None:
        """Make one of the files."""
        (self.state / name).write_text(content)

    def remove(self, name: str) -> None:
        """Remove one of the files."""
        (self.state / name).unlink()

    def tries(self) -> list[str]:
        """Return the logins that the token has judged: `right` or `wrong`."""
        file = self.state / "tries"
        return file.read_text().split() if file.exists() else []

    def settings(self, **changed: object) -> Pkcs11Settings:
        """Return settings of a signer on it."""
        values = {
            "kind": "pkcs11",
            "module": self.state / "module",
            "environment": {"PYTHONPATH": ROOT},
            "pin_file": self.pin_file,
            "timeout": 10.0,
        }
        return Pkcs11Settings.model_validate({**values, **changed})
