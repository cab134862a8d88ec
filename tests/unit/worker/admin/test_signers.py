"""What is shown of signers, and how one is tried."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from tests.support.signing.certificates import NOW, YEAR, issue, rsa_key
from tests.support.signing.signers import Signer, failing, file_key
from worker.admin.errors import ActFailed, WrongConfiguration
from worker.admin.signers import (
    Certificate,
    SignerView,
    connected_views,
    make_test_signature,
    show,
    views,
)
from worker.cli.commands.signers.tables import rows
from worker.cli.output import _plain
from worker.signing.checked import checked
from worker.signing.keys.pkcs12 import Pkcs12Key
from worker.signing.registry import load_signers
from worker.signing.settings import Pkcs12Signer

ROOT = issue("Root", authority=True)
DOCTOR = issue("Д-р Измислена, PNOBG-7223154154", issuer=ROOT, end=NOW + timedelta(days=40, hours=3))
EXPIRED = issue("Expired", start=NOW - 2 * YEAR, end=NOW - timedelta(days=1, hours=1))


def loaded(tmp_path, **signers):
    """Load signers of files, and put others in their place."""
    settings = {}
    for name, one in signers.items():
        file = tmp_path / f"{name}.p12"
        file.write_bytes(b"no file" if one is None else DOCTOR.pkcs12("word"))
        settings[name] = Pkcs12Signer(file=file, password="word")
    found = load_signers(settings, clock=lambda: NOW)
    for name, one in signers.items():
        if one is not None:
            found.replace(name, one)
    return found, settings


def key(issued=DOCTOR):
    return file_key("doctor", issued, clock=lambda: NOW)


def remote(sign=None, *, known=None):
    """A signer that nobody has asked yet."""
    one = Signer(key(), sign or key().sign_digests)
    one.known = known
    one.identity = key().identity
    return checked(one, clock=lambda: NOW)


def test_a_signer_is_shown_by_its_certificates_serial_and_never_by_its_subject(tmp_path):
    (one,) = views(*loaded(tmp_path, doctor=key()), NOW)
    assert one == SignerView(
        "doctor",
        "pkcs12",
        "rsa-sha256",
        Certificate(
            f"{DOCTOR.certificate.serial_number:x}", NOW - YEAR, NOW + timedelta(days=40, hours=3), 40
        ),
        (Certificate(f"{ROOT.certificate.serial_number:x}", NOW - YEAR, NOW + YEAR, 365),),
        None,
    )
    shown = json.dumps(one, default=_plain, ensure_ascii=False)
    assert "7223154154" not in shown
    assert "Измислена" not in shown


def test_one_that_has_expired_one_that_was_not_asked_and_one_that_cannot_be_loaded(tmp_path):
    old, asked, broken = views(*loaded(tmp_path, old=key(EXPIRED), remote=remote(), broken=None), NOW)
    assert (old.certificate.days_left, "expired on" in old.problem) == (-2, True)
    assert (asked.certificate, asked.problem) == (None, None)
    assert "not a PKCS#12 file" in broken.problem
    assert [row[1] for row in rows([asked, broken])] == [
        "not known here: the signer was not asked (--connect asks it)",
        "cannot be used",
    ]


async def test_showing_one_asks_it(tmp_path):
    signers, settings = loaded(tmp_path, remote=remote())
    one = await show(signers, settings, "remote", seconds=5, now=NOW)
    assert one.certificate.days_left == 40
    assert one.problem is None


async def test_each_is_asked_where_all_are_asked(tmp_path):
    unreachable = checked(failing(key(), "the token is missing", transient=True), clock=lambda: NOW)
    signers, settings = loaded(tmp_path, remote=remote(), old=key(EXPIRED), broken=None, far=unreachable)
    never = remote()
    never._signer.identity = lambda: asyncio.sleep(60)
    signers.replace("far", never)
    remote_, old, broken, far = await connected_views(signers, settings, seconds=0.2, now=NOW)
    assert (remote_.certificate.days_left, remote_.problem) == (40, None)
    assert "expired on" in old.problem
    assert "not a PKCS#12 file" in broken.problem
    assert far.problem == "Signer far did not answer within 0.2 s."


async def test_showing_one_that_has_expired_says_so(tmp_path):
    signers, settings = loaded(tmp_path, old=key(EXPIRED))
    one = await show(signers, settings, "old", seconds=5, now=NOW)
    assert one.certificate.serial == f"{EXPIRED.certificate.serial_number:x}"
    assert "expired on" in one.problem


async def test_a_test_signature(tmp_path):
    done = await make_test_signature(*loaded(tmp_path, doctor=key()), "doctor", seconds=5)
    assert (done.name, done.seconds >= 0) == ("doctor", True)


@pytest.mark.parametrize(
    ("signer", "told"),
    [
        (None, "Signer doctor cannot sign: .*not a PKCS#12 file"),
        (key(EXPIRED), "the certificate expired on"),
        (
            checked(failing(key(), "the token is missing", transient=True), clock=lambda: NOW),
            "the token is missing",
        ),
        (
            checked(Pkcs12Key("doctor", rsa_key("another"), DOCTOR.certificate), clock=lambda: NOW),
            "does not belong to its certificate",
        ),
        (remote(lambda _: asyncio.sleep(60)), "Signer doctor made no signature within 0.01 s"),
    ],
    ids=["not loaded", "expired", "failing", "another's", "slow"],
)
async def test_no_test_signature(tmp_path, signer, told):
    signers, settings = loaded(tmp_path, doctor=signer)
    with pytest.raises(ActFailed, match=told):
        await make_test_signature(signers, settings, "doctor", seconds=0.01 if "0.01" in told else 5)


async def test_a_name_that_is_not_configured(tmp_path):
    signers, settings = loaded(tmp_path, doctor=key())
    for act in (
        show(signers, settings, "nobody", seconds=5, now=NOW),
        make_test_signature(signers, settings, "nobody", seconds=5),
    ):
        with pytest.raises(WrongConfiguration, match="no signer 'nobody' in the configuration: doctor"):
            await act
