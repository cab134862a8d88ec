"""A signer is replaced when its files are, if the new one can sign; and with it what systems made of the earlier."""

import pytest

from tests.support.signing.certificates import NOW, YEAR, Issued, issue
from worker.configuration_error import ConfigurationError
from worker.reloading.contents import Contents
from worker.reloading.reloadable import NotReloaded
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.checked import checked
from worker.signing.gate.settings import SigningSettings
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.port import SecretRefused, SigningFailed
from worker.signing.registry import load_signers
from worker.signing.renewal import CLOSE_AFTER, SignerRenewals
from worker.signing.settings import NcanodeSettings, Pkcs12Signer
from worker.signing.trial import TEST_ENVELOPE
from worker.signing.vault.settings import VaultSigner

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


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


async def test_a_renewed_signer_takes_the_place_and_the_systems_follow_in_the_same_moment(place):
    keys = place.signers.keys
    old = keys["doctor"]
    place.write(NEW)
    await place.renew()
    assert place.serial == NEW.certificate.serial_number
    assert place.applied == [("doctor", keys["doctor"], True)]
    assert await keys["doctor"].sign_digests([bytes(32)])
    assert await old.sign_digests([bytes(32)])  # what began with it ends with it
    await place.renewals.close()


async def test_the_same_certificate_again_changes_nothing_for_the_systems(place):
    old = place.signers.keys["doctor"]
    place.write(OLD)
    await place.renew()
    assert place.signers.keys["doctor"] is not old
    assert place.applied == []


async def test_other_issuers_of_the_same_certificate_are_shown_in_tls(tmp_path):
    """A file that was exported without them makes the other side refuse the handshake, and is exported again."""
    root = issue("Root", authority=True)
    whole = issue("Doctor", issuer=root)
    place = Place(tmp_path, Issued(whole.certificate, whole.key))
    place.write(whole)
    await place.renew()
    renewed = place.signers.keys["doctor"]
    assert place.applied == [("doctor", renewed, True)]
    assert renewed.tls_identity().certificates.count(b"BEGIN CERTIFICATE") == 2
    await place.renewals.close()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"half a file", "it is not a PKCS#12 file"),
        (NEW.pkcs12("another word"), "the password is wrong"),
        (issue("Expired", start=NOW - 2 * YEAR, end=NOW - YEAR), "expired on"),
        (issue("Early", start=NOW + YEAR, end=NOW + 2 * YEAR), "valid only from"),
    ],
)
async def test_a_new_file_of_no_use_leaves_the_earlier_one(place, content, problem):
    old = place.signers.keys["doctor"]
    place.write(content)
    with pytest.raises((ConfigurationError, NotReloaded), match=problem):
        await place.renew()
    assert place.signers.keys["doctor"] is old
    assert (place.applied, place.signers.problems) == ([], {})
    assert await old.sign_digests([bytes(32)])


async def test_a_new_certificate_outside_the_anchors_leaves_the_earlier_one(tmp_path):
    root = issue("Root", authority=True)
    (tmp_path / "anchors.pem").write_bytes(root.pem())
    place = Place(tmp_path, issue("Doctor", issuer=root), trust_anchors=tmp_path / "anchors.pem")
    before = place.serial
    place.write(NEW)
    with pytest.raises(NotReloaded, match="does not chain to a trust anchor"):
        await place.renew()
    assert place.serial == before


async def test_a_new_certificate_that_a_system_cannot_use_leaves_the_earlier_one(place):
    place.trouble = ConfigurationError("TLS does not take its certificates or its key")
    place.write(NEW)
    with pytest.raises(NotReloaded, match="TLS does not take"):
        await place.renew()
    assert place.serial == OLD.certificate.serial_number


async def test_one_that_could_not_be_loaded_at_the_start_is_repaired(tmp_path):
    place = Place(tmp_path, b"nothing")
    unusable = place.signers.unusable()
    assert "doctor" in unusable
    place.write(issue("Expired", start=NOW - 2 * YEAR, end=NOW - YEAR))
    with pytest.raises(NotReloaded):
        await place.renew()
    assert "expired on" in unusable["doctor"]
    place.write(NEW)
    await place.renew()
    assert dict(unusable) == {}
    assert place.applied == [("doctor", place.signers.keys["doctor"], True)]


class Loader:
    """Makes one signer, whatever the settings are."""

    def __init__(self, signer, gate):
        self.signer, self.gate = signer, gate

    def load(self, name, settings):
        return self.signer


@pytest.mark.parametrize("asked_for", ["identity", "sign_digests"])
@pytest.mark.parametrize(
    ("failure", "retry"),
    [
        (SigningFailed("the provider is unavailable", transient=True), True),
        (SigningFailed("the consent is not known", transient=False), True),
        (SecretRefused("the PIN is wrong"), False),
    ],
)
async def test_a_remote_signer_that_fails_leaves_the_earlier_one(
    place, monkeypatch, asked_for, failure, retry
):
    closed, new = [], place.signers.loader.load("doctor", place.settings["doctor"])

    async def fail(*_):
        raise failure

    async def close():
        closed.append(1)

    place.write(b"something else")
    monkeypatch.setattr(new._signer, asked_for, fail)
    monkeypatch.setattr(new._signer, "close", close)
    monkeypatch.setattr(place.renewals, "_loader", Loader(new, place.signers.loader.gate))
    with pytest.raises(NotReloaded) as refused:
        await place.renew()
    assert refused.value.retry is retry
    assert place.serial == OLD.certificate.serial_number
    assert closed == [1]


async def test_the_certificate_of_another_key_leaves_the_earlier_one_and_is_not_tried_again(
    place, monkeypatch
):
    other = Pkcs12Key("doctor", OLD.key, NEW.certificate)
    new = checked(other, clock=lambda: NOW)
    place.write(NEW)
    monkeypatch.setattr(place.renewals, "_loader", Loader(new, place.signers.loader.gate))
    with pytest.raises(NotReloaded, match="does not belong to its certificate") as refused:
        await place.renew()
    assert refused.value.retry is False
    assert (place.serial, place.applied) == (OLD.certificate.serial_number, [])


def replaced_by_the_same(file):
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content)


async def test_a_key_file_that_is_replaced_by_the_same_is_not_decrypted_again(place):
    """So are all files of a Secret in which one has changed."""
    old = place.signers.keys["doctor"]
    replaced_by_the_same(place.file)
    await place.renew()
    assert place.signers.keys["doctor"] is old
    place.write(b"half a file")
    with pytest.raises(ConfigurationError):
        await place.renew()


async def test_a_key_file_that_changed_while_it_was_loaded_for_the_first_time_is_loaded_again(tmp_path):
    place = Place(tmp_path, OLD, meanwhile=NEW)
    old = place.signers.keys["doctor"]
    await place.renew()
    assert place.signers.keys["doctor"] is not old
    await place.renewals.close()


async def test_files_that_are_replaced_by_the_same_cost_no_signature_at_a_provider(place, monkeypatch):
    """The signer is made anew, because the provider may have another certificate. Of 200 in a Secret, one signs."""
    given = {"url": "https://vault.test", "key": "k", "key_version": 1, "token": "t"}
    place.settings["doctor"] = VaultSigner(kind="vault", certificate_file=place.file, **given)
    signed, new = [], checked(Pkcs12Key("doctor", OLD.key, OLD.certificate), clock=lambda: NOW)

    async def sign(digests):
        signed.append(digests)
        return [SignatureAlgorithm.RSA_SHA256.sign(OLD.key, one) for one in digests]

    monkeypatch.setattr(new._signer, "sign_digests", sign)
    monkeypatch.setattr(place.renewals, "_loader", Loader(new, place.signers.loader.gate))
    replaced_by_the_same(place.file)
    await place.renew()
    assert (place.signers.keys["doctor"] is new, signed) == (True, [])
    place.write(b"something else")
    for _ in range(2):
        await place.renew()
    assert len(signed) == 1
    await place.renewals.close()


async def test_the_first_usable_content_is_taken_without_a_signature(place, monkeypatch):
    """Where nothing works that could be kept, submissions themselves find out what is wrong."""
    place.signers.keys.clear()
    new = checked(Pkcs12Key("doctor", OLD.key, NEW.certificate), clock=lambda: NOW)
    monkeypatch.setattr(place.renewals, "_loader", Loader(new, place.signers.loader.gate))
    await place.renew()
    assert place.signers.keys["doctor"] is new


async def test_an_earlier_signer_that_cannot_sign_is_replaced_without_a_signature(place, monkeypatch):
    """After `herald signers unblock` the new PIN is tried, and not the one that was wrong before."""
    old = place.signers.keys["doctor"]

    async def fail(_):
        raise SecretRefused("the PIN is wrong")

    with monkeypatch.context() as patch:
        patch.setattr(old._signer, "sign_digests", fail)
        with pytest.raises(SecretRefused):
            await old.sign_digests([bytes(32)])
    new = checked(Pkcs12Key("doctor", OLD.key, NEW.certificate), clock=lambda: NOW)
    place.write(NEW)
    monkeypatch.setattr(place.renewals, "_loader", Loader(new, place.signers.loader.gate))
    await place.renew()
    assert place.signers.keys["doctor"] is new
    await place.renewals.close()


async def test_an_earlier_signer_is_closed_when_nothing_can_use_it_any_more(place, monkeypatch):
    closed, old = [], place.signers.keys["doctor"]

    async def close():
        closed.append(list(place.slept))

    monkeypatch.setattr(old._signer, "close", close)
    place.write(NEW)
    await place.renew()
    await place.renewals.close()
    assert closed == [[]]
    monkeypatch.setattr(place.signers.keys["doctor"]._signer, "close", close)
    place.write(OLD)
    await place.renew()
    (task,) = place.renewals._closing
    await task
    assert closed[1:] == [[CLOSE_AFTER]]


class Documents:
    """A signer of whole documents, which are signed or not."""

    name = "clinic"

    def __init__(self, failure=None):
        self.failure, self.signed = failure, []

    async def sign_document(self, document):
        self.signed.append(document)
        if self.failure is not None:
            raise self.failure
        return document


@pytest.fixture
def ncanode(tmp_path, monkeypatch):
    """The renewal of a signer at NCANode, and what makes the next one of its files sign or fail."""
    (tmp_path / "clinic.p12").write_bytes(OLD.pkcs12("word"))
    given = {"url": "http://127.0.0.1:1", "file": tmp_path / "clinic.p12", "password": "word"}
    settings = {"clinic": NcanodeSettings(kind="ncanode", **given)}
    signers = load_signers(settings, clock=lambda: NOW)
    contents = Contents([tmp_path / "clinic.p12"])
    renewals = SignerRenewals(signers, settings, contents=contents, prepare=[], sleep=None)

    async def renew(new):
        monkeypatch.setattr(renewals, "_loader", Loader(new, None))
        (one,) = renewals.reloadables()
        await one.reload()

    return signers, renew


async def test_a_signer_of_whole_documents_is_replaced_once_it_has_signed_one(ncanode):
    signers, renew = ncanode
    new = Documents()
    await renew(new)
    assert signers.documents["clinic"] is new
    assert new.signed == [TEST_ENVELOPE]


async def test_a_signer_of_whole_documents_that_cannot_sign_leaves_the_earlier_one(ncanode):
    signers, renew = ncanode
    old = signers.documents["clinic"]
    with pytest.raises(NotReloaded, match="Key reading error"):
        await renew(Documents(SigningFailed("Key reading error", transient=False)))
    assert signers.documents["clinic"] is old


async def test_a_signer_of_whole_documents_that_could_not_be_loaded_at_the_start_is_repaired(ncanode):
    signers, renew = ncanode
    del signers.documents["clinic"]
    signers.problems["clinic"] = ("the file cannot be read",)
    new = Documents(SigningFailed("NCANode is unavailable", transient=True))
    await renew(new)
    assert (signers.documents["clinic"], signers.problems, new.signed) == (new, {}, [])


async def test_trust_anchors_are_replaced_and_broken_ones_are_not(tmp_path):
    root = issue("Root", authority=True)
    anchors = tmp_path / "anchors.pem"
    anchors.write_bytes(issue("Other root", authority=True).pem())
    place = Place(tmp_path, issue("Doctor", issuer=root), trust_anchors=anchors)
    signer = place.signers.keys["doctor"]
    assert "does not chain" in signer.problem()
    (one,) = place.renewals.anchors(place.signing)
    anchors.write_bytes(root.pem())
    await one.reload()
    assert signer.problem() is None
    anchors.write_bytes(b"text")
    with pytest.raises(ConfigurationError, match="does not hold whole PEM certificates"):
        await one.reload()
    assert await signer.sign_digests([bytes(32)])
