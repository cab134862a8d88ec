"""A signer's files, and the renewals of a worker that has loaded them."""

from __future__ import annotations

from tests.support.signing.certificates import NOW, issue
from worker.reloading.contents import Contents
from worker.signing.gate.settings import SigningSettings
from worker.signing.registry import load_signers
from worker.signing.renewal import SignerRenewals
from worker.signing.settings import Pkcs12Signer

OLD = issue("Doctor")
NEW = issue("Doctor renewed")


class Place:
    """A signer's files, and the renewals of a worker that has loaded them."""

    def __init__(self, directory, first=OLD, meanwhile=None, **signing):
        self.file = directory / "doctor.p12"
        self.write(first)
        self.settings = {"doctor": Pkcs12Signer(file=self.file, password="word")}
        self.signing = SigningSettings(**signing)
        contents = Contents([self.file])
        if meanwhile is not None:
            self.write(meanwhile)
        self.signers = load_signers(self.settings, clock=lambda: NOW, signing=self.signing)
        self.applied, self.slept, self.trouble = [], [], None
        self.renewals = SignerRenewals(
            self.signers, self.settings, contents=contents, prepare=[self.prepare], sleep=self.sleep
        )

    def write(self, issued):
        self.file.write_bytes(issued if isinstance(issued, bytes) else issued.pkcs12("word"))

    def prepare(self, name, key):
        if self.trouble is not None:
            raise self.trouble
        return lambda: self.applied.append((name, key, self.signers.keys[name] is key))

    async def sleep(self, seconds):
        self.slept.append(seconds)

    async def renew(self):
        (one,) = self.renewals.reloadables()
        assert (one.subject, one.files, one.signer) == ("signers.doctor", (self.file,), "doctor")
        await one.reload()

    @property
    def serial(self):
        return self.signers.keys["doctor"].known.certificate.serial_number


class Loader:
    """Makes one signer, whatever the settings are."""

    def __init__(self, signer, gate):
        self.signer, self.gate = signer, gate

    def load(self, name, settings):
        return self.signer
