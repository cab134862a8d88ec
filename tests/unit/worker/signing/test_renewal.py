"""A signer is replaced when its files are, if the new one can sign; and with it what systems made of the earlier."""

import pytest

from tests.support.signing.certificates import NOW, YEAR, Issued, issue
from tests.support.signing.renewals import NEW, OLD, Place
from worker.configuration_error import ConfigurationError
from worker.reloading.reloadable import NotReloaded
from worker.signing.renewal import CLOSE_AFTER


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
