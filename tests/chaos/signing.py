"""Where the doctors' keys are: in a file, in a token of SoftHSM, at a CSC provider; and two whose PIN is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography import x509

from sandbox.authority import Authority, Doctor
from sandbox.pki import DOCTORS as FIRST
from sandbox.pki import Pki
from sandbox.remote_signing.keys import credentials
from tests.support.pkcs11.fake_token import WRONG, FakeToken
from tests.support.signing.certificates import Issued
from tests.support.signing.providers import csc_settings
from tests.support.softhsm.fixtures import in_memory
from tests.support.softhsm.install import install
from tests.support.softhsm.tokens import PIN, SoftHsm, StoredKey
from tests.support.worker import hospital
from tests.support.worker.installation import Installation
from tests.support.worker.sandbox import Sandbox
from tests.support.worker.sandbox import running as sandbox_running

IN_FILE, AT_PROVIDER, IN_TOKEN = (one.name for one in FIRST)
FORGETFUL = Doctor("dr-forgetful", "Измислен Забравянски", "6725030009", "2300000044")
"""The one whose PIN of a token is wrong."""
MISTAKEN = Doctor("dr-mistaken", "Измислен Грешков", "6822140032", "2300000055")
"""The one whose PIN at a provider is wrong."""
WITH_WRONG_PINS = (FORGETFUL, MISTAKEN)
DOCTORS = (*FIRST, *WITH_WRONG_PINS)


@dataclass(frozen=True)
class Signing:
    """Tokens, provider and files. ``counted``: the token that notes how often it was given a wrong PIN.

    ``wrong_pin_file``: what the provider is given for another signer; it counts, too.
    """

    pki: Pki
    authority: Authority
    softhsm: SoftHsm
    provider: Sandbox
    counted: FakeToken
    pin_file: Path
    wrong_pin_file: Path

    def applied(self, installation: Installation) -> Installation:
        """Return the installation with these signers. Its patients are those of the doctors who can sign."""
        wrong = {one.name for one in WITH_WRONG_PINS}
        doctors = tuple(one for one in installation.nhis.doctors if one.signer not in wrong)
        signers = {
            **installation.signers,
            AT_PROVIDER: csc_settings(self.provider.ready, AT_PROVIDER),
            IN_TOKEN: {
                **_pkcs11(self.softhsm.module, self.pin_file),
                "environment": self.softhsm.environment,
            },
            FORGETFUL.name: _pkcs11(self.counted.state / "module", self.counted.pin_file),
            MISTAKEN.name: csc_settings(
                self.provider.ready, MISTAKEN.name, pin_file=str(self.wrong_pin_file)
            ),
        }
        return replace(installation, signers=signers, _patients=hospital.patients(doctors))


@contextmanager
def running(directory: Path, pki: Pki, authority: Authority) -> Iterator[Signing]:
    """Run the provider, and put keys into tokens. Raises SoftHsmUnavailableError."""
    module = install()
    at_provider = shutil.copytree(pki.directory, directory / "csc")
    ca = x509.load_pem_x509_certificate(pki.ca_file.read_bytes())
    issued = {name: Issued(one.certificate, one.key, (ca,)) for name, one in credentials(pki).items()}
    counted = FakeToken(directory / "counted", issued[FORGETFUL.name])
    counted.pin_file.write_text(WRONG)
    pin_file = directory / "softhsm-pin"
    pin_file.write_text(PIN)
    wrong_pin_file = directory / "wrong-pin"
    wrong_pin_file.write_text(WRONG)
    with in_memory(module) as softhsm, sandbox_running("csc", at_provider, kind=Sandbox) as provider:
        softhsm.make_token("clinic")
        softhsm.store("clinic", [StoredKey(issued[IN_TOKEN], "doctor", b"\x01")])
        yield Signing(pki, authority, softhsm, provider, counted, pin_file, wrong_pin_file)


def _pkcs11(module: Path, pin_file: Path) -> dict[str, Any]:
    return {"kind": "pkcs11", "module": str(module), "pin_file": str(pin_file)}
