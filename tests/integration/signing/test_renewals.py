"""New files of signers in tokens and at providers: what cannot sign leaves the earlier signer working."""

from __future__ import annotations

import asyncio
import shutil
import time
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter

from sandbox.btrust.server import Sandbox as BtrustSandbox
from sandbox.csc.server import Sandbox as CscSandbox
from sandbox.pki import DOCTORS, Pki
from sandbox.vault.server import Sandbox as VaultSandbox
from tests.support.signing.certificates import issue
from tests.support.signing.providers import btrust, csc, vault
from tests.support.softhsm.tokens import PIN, StoredKey
from worker.configuration_error import ConfigurationError
from worker.reloading.contents import Contents
from worker.reloading.files import paths_in
from worker.reloading.reloadable import NotReloaded
from worker.signing.port import SecretRefused
from worker.signing.refused_secrets import SecretsRefusedHere
from worker.signing.registry import load_signers
from worker.signing.remote.once import REFUSAL_REST
from worker.signing.renewal import SignerRenewals
from worker.signing.settings import SignerSettings

_SETTINGS = TypeAdapter(SignerSettings)
FIRST, OTHER, _ = (one.name for one in DOCTORS)
KINDS = {"csc": (CscSandbox, csc), "btrust-ars": (BtrustSandbox, btrust), "vault": (VaultSandbox, vault)}


class Doctor:
    """One signer that has signed, and the renewals of its worker."""

    def __init__(self, given):
        settings = {"doctor": _SETTINGS.validate_python(given)}
        contents = Contents(paths_in(settings))
        self.refused, self.passed = SecretsRefusedHere(), 0.0
        self._signers = load_signers(
            settings,
            clock=lambda: datetime.now(UTC),
            monotonic=lambda: time.monotonic() + self.passed,
            refused=lambda _: self.refused,
        )
        assert self._signers.problems == {}
        self._renewals = SignerRenewals(
            self._signers, settings, contents=contents, prepare=[], sleep=asyncio.sleep
        )

    @property
    def key(self):
        return self._signers.keys["doctor"]

    async def sign(self):
        return await self.key.sign_digests([bytes(32)])

    async def renew(self):
        (one,) = self._renewals.reloadables()
        await one.reload()

    def unblock(self):
        """Forget what was refused, as `herald signers unblock` does in the journal, and let half a minute pass."""
        self.refused._standings.clear()
        self.passed += REFUSAL_REST + 1

    async def close(self):
        await self._renewals.close()
        await self._signers.close()


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    directory = tmp_path_factory.mktemp("pki")
    Pki.create(directory)
    return directory


@pytest.fixture
async def at_provider(pki, tmp_path):
    """Make a signer at a provider of this kind; the file of one setting is its own copy, which is returned too."""
    opened, made = [], []

    async def make(kind, setting):
        sandbox, settings_of = KINDS[kind]
        running = await sandbox(shutil.copytree(pki, tmp_path / "provider")).__aenter__()
        opened.append(running)
        given = settings_of(running, FIRST)
        copy = tmp_path / "copy"
        shutil.copyfile(given[setting], copy)
        made.append(Doctor({**given, setting: str(copy)}))
        made[-1].provider = running
        await made[-1].sign()
        return made[-1], copy, settings_of(running, OTHER)[setting]

    yield make
    for one in made:
        await one.close()
    for one in opened:
        await one.__aexit__(None, None, None)


BROKEN = [
    ("csc", "pin_file", "the provider refused the credential's PIN", False),
    ("csc", "client_secret_file", "client_id or client secret is wrong", False),
    ("csc", "ca_file", "holds no PEM certificate", True),
    ("btrust-ars", "token_file", "access token is not known", True),
    ("btrust-ars", "certificate_file", "does not hold whole PEM certificates", True),
    ("vault", "token_file", "Vault refuses the token", True),
    ("vault", "certificate_file", "does not hold whole PEM certificates", True),
]


@pytest.mark.parametrize(("kind", "setting", "told", "retry"), BROKEN)
async def test_a_new_file_that_is_wrong_leaves_the_earlier_signer(at_provider, kind, setting, told, retry):
    doctor, file, _ = await at_provider(kind, setting)
    before, good = doctor.key, file.read_bytes()
    file.write_text("wrong")
    with pytest.raises((NotReloaded, ConfigurationError), match=told) as refused:
        await doctor.renew()
    # The reloader reads a file again that could not be read: what raises ConfigurationError is always tried again.
    assert (doctor.key is before, getattr(refused.value, "retry", True)) == (True, retry)
    assert await doctor.sign()
    file.write_bytes(good)
    await doctor.renew()
    assert doctor.key is not before
    assert await doctor.sign()


async def test_after_unblocking_the_secret_in_the_file_is_tried_and_not_the_one_before(at_provider):
    """Both were refused; then the provider takes that of the file."""
    doctor, file, _ = await at_provider("csc", "client_secret_file")
    provider = doctor.provider.service.stand_in
    provider._access._secret = "another"
    provider.forget_tokens()
    with pytest.raises(SecretRefused):
        await doctor.sign()
    file.write_text("of-the-file")
    await doctor.renew()
    with pytest.raises(SecretRefused, match="wrong"):
        await doctor.sign()
    provider._access._secret = "of-the-file"
    with pytest.raises(SecretRefused):
        await doctor.sign()
    doctor.unblock()

    assert await doctor.sign()
    asked = [one.status for one in doctor.provider.request_log if one.operation == "oauth2/token"]
    assert asked == [200, 401, 401, 200]


@pytest.mark.parametrize("kind", ["btrust-ars", "vault"])
async def test_the_certificate_of_another_key_leaves_the_earlier_signer(at_provider, kind):
    doctor, file, of_other = await at_provider(kind, "certificate_file")
    before = doctor.key
    shutil.copyfile(of_other, file)
    with pytest.raises(NotReloaded, match="does not belong to its certificate") as refused:
        await doctor.renew()
    assert (doctor.key is before, refused.value.retry) == (True, False)
    assert await doctor.sign()


@pytest.fixture
async def on_token(softhsm, tmp_path):
    """A signer on a token, with its certificate in a file, and the name of that file and of the PIN's."""
    right = issue("Doctor")
    softhsm.make_token("clinic")
    softhsm.store("clinic", [StoredKey(right, "doctor", b"\x01")])
    (tmp_path / "pin").write_text(PIN)
    (tmp_path / "doctor.pem").write_bytes(right.pem())
    doctor = Doctor(
        {
            "kind": "pkcs11",
            "module": str(softhsm.module),
            "environment": softhsm.environment,
            "pin_file": str(tmp_path / "pin"),
            "certificate_file": str(tmp_path / "doctor.pem"),
        }
    )
    await doctor.sign()
    yield doctor
    await doctor.close()


async def test_the_certificate_of_a_key_that_is_not_the_tokens_leaves_the_earlier_signer(on_token, tmp_path):
    before = on_token.key
    (tmp_path / "doctor.pem").write_bytes(issue("Somebody").pem())
    with pytest.raises(NotReloaded, match=r"does not belong to its certificate|fits"):
        await on_token.renew()
    assert on_token.key is before
    assert await on_token.sign()


async def test_a_wrong_pin_leaves_the_earlier_signer_and_its_login(on_token, tmp_path):
    before = on_token.key
    (tmp_path / "pin").write_text("not the PIN")
    with pytest.raises(NotReloaded, match="PIN") as refused:
        await on_token.renew()
    assert refused.value.retry is False
    assert on_token.key is before
    assert await on_token.sign()
