"""A renewed signer signs something before it replaces one that may work, and not where that is not worth its price."""

import pytest

from tests.support.signing.certificates import NOW
from tests.support.signing.renewals import NEW, OLD, Loader, Place
from worker.configuration_error import ConfigurationError
from worker.reloading.reloadable import NotReloaded
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.port import SecretRefused, SigningFailed
from worker.signing.vault.settings import VaultSigner


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


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


@pytest.mark.parametrize(
    ("failure", "replaced"),
    [
        (SecretRefused("the client's secret is wrong"), True),
        (SigningFailed("the provider is unavailable", transient=True), False),
        (SigningFailed("the credential is not known", transient=False), False),
    ],
)
async def test_where_nothing_works_a_refused_secret_takes_the_place_of_another(
    place, monkeypatch, failure, replaced
):
    """After `herald signers unblock` it is tried, and not the one before."""
    old = place.signers.keys["doctor"]
    old.broken = True

    async def fail():
        raise failure

    new = checked(Pkcs12Key("doctor", OLD.key, NEW.certificate), clock=lambda: NOW)
    monkeypatch.setattr(new._signer, "identity", fail)
    place.write(b"something else")
    monkeypatch.setattr(place.renewals, "_loader", Loader(new, place.signers.loader.gate))
    if replaced:
        await place.renew()
    else:
        with pytest.raises(NotReloaded):
            await place.renew()
    assert place.signers.keys["doctor"] is (new if replaced else old)
    assert place.applied == []
    await place.renewals.close()
