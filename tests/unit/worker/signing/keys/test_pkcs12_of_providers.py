"""PKCS#12 files as providers and key stores export them, made here by the openssl command and by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from tests.support.signing.certificates import NOW, issue, key_usage
from tests.support.signing.der import pkcs12_bags, pkcs12_file
from worker.signing.certificates import chain
from worker.signing.keys.pkcs12 import load_pkcs12
from worker.signing.keys.pkcs12_encryption import old_encryption
from worker.signing.settings import Pkcs12Signer

ROOT = issue("Root", authority=True)
SUB = issue("Sub", issuer=ROOT, authority=True)
DOCTOR = issue("Doctor", issuer=SUB, usage=key_usage(content_commitment=True))
CHAIN = (DOCTOR, SUB, ROOT)
PASSWORD = "open-sesame-73"
OPENSSL = shutil.which("openssl") or ""


@pytest.fixture
def exported(tmp_path):
    """Export the doctor's file with options of the openssl command, and return the signer's settings."""
    assert OPENSSL, "the openssl command is needed, as for the tests of TLS"

    def export(*options, password=PASSWORD):
        content = DOCTOR.key_pem() + DOCTOR.pem() + SUB.pem() + ROOT.pem()
        file, secret = tmp_path / "doctor's.p12", tmp_path / "password"
        secret.write_text(f"{password}\n")
        command = [OPENSSL, "pkcs12", "-export", "-out", file, "-passout", f"file:{secret}", *options]
        subprocess.run(command, input=content, check=True, capture_output=True)
        return Pkcs12Signer(file=file, password_file=secret)

    return export


def certificates_of(settings):
    known = load_pkcs12("doctor", settings, clock=lambda: NOW).known
    return [one.serial_number for one in chain(known.certificate, known.issuers)]


SERIALS = [one.certificate.serial_number for one in CHAIN]
OLD = {
    "RC2 and 3DES": ("-legacy",),
    "3DES": ("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES"),
    "RC2": ("-legacy", "-keypbe", "PBE-SHA1-RC2-40", "-certpbe", "PBE-SHA1-RC2-40"),
    "RC4": ("-legacy", "-keypbe", "PBE-SHA1-RC4-128", "-certpbe", "PBE-SHA1-RC4-128"),
    "DES": ("-legacy", "-keypbe", "PBE-SHA1-DES", "-certpbe", "PBE-SHA1-DES"),
}


@pytest.mark.parametrize("name", OLD)
def test_old_encryption_is_read_with_a_warning_that_says_how_to_convert(exported, caplog, name):
    settings = exported(*OLD[name])
    assert certificates_of(settings) == SERIALS
    told = "3DES and RC2" if name == "RC2 and 3DES" else name
    (said,) = caplog.messages
    assert said.startswith(
        f"the file {settings.file} is encrypted with {told}; convert it: {{ openssl pkcs12 "
    )


NO_LEGACY = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from worker.configuration_error import ConfigurationError
from worker.signing.keys.pkcs12 import load_pkcs12
from worker.signing.settings import Pkcs12Signer
file, password = map(Path, sys.argv[1:])
try:
    load_pkcs12("doctor", Pkcs12Signer(file=file, password_file=password), clock=lambda: datetime.now(UTC))
except ConfigurationError as bad:
    print(*bad.problems)
"""


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "RC2 and 3DES",
            "3DES and RC2, with which it is encrypted, is switched off here, or a certificate in it",
        ),
        ("RC2", "the password is wrong, or RC2, with which it is encrypted, is switched off here"),
        ("RC4", "the password is wrong, or RC4, with which it is encrypted, is switched off here"),
        ("DES", "the password is wrong, or DES, with which it is encrypted, is switched off here"),
    ],
)
def test_where_old_encryption_is_switched_off_the_refusal_says_how_to_convert(exported, name, told):
    """An OpenSSL without its legacy provider, for which a process of its own is needed."""
    settings = exported(*OLD[name])
    done = subprocess.run(
        [sys.executable, "-c", NO_LEGACY, settings.file, settings.password_file],
        env={**os.environ, "CRYPTOGRAPHY_OPENSSL_NO_LEGACY": "1"},
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[5],
    )
    assert told in done.stdout
    assert "convert it: { openssl pkcs12 -legacy" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr


def test_the_command_of_the_sentence_converts(exported, caplog):
    settings = exported("-legacy")
    certificates_of(settings)
    command = caplog.messages[0].partition("convert it: ")[2]
    subprocess.run(command, shell=True, check=True, capture_output=True)  # noqa: S602 - as an operator runs it
    new = settings.file.with_name(f"{settings.file.name}.new")
    caplog.clear()
    assert certificates_of(settings.model_copy(update={"file": new})) == SERIALS
    assert not caplog.messages
    assert old_encryption(new.read_bytes()) is None


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-macalg", "sha512"),
        ("-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC", "-macalg", "sha384"),
        ("-name", "Ключ на д-р Проба"),
        ("-keypbe", "AES-256-CBC", "-certpbe", "NONE"),
        ("-nomac",),
        ("-iter", "100000"),
    ],
    ids=[
        "default",
        "MAC by SHA-512",
        "AES-128",
        "Cyrillic name",
        "certificates in the clear",
        "no MAC",
        "slow",
    ],
)
def test_what_openssl_exports_today(exported, caplog, options):
    assert certificates_of(exported(*options)) == SERIALS
    assert not caplog.messages


def test_a_password_that_is_empty(exported):
    assert certificates_of(exported(password="")) == SERIALS


def test_pbes2_with_sha_512(tmp_path):
    command = [
        OPENSSL,
        "pkcs8",
        "-topk8",
        "-v2",
        "aes-256-cbc",
        "-v2prf",
        "hmacWithSHA512",
        "-outform",
        "DER",
    ]
    key = subprocess.run(
        [*command, "-passout", f"pass:{PASSWORD}"], input=DOCTOR.key_pem(), check=True, capture_output=True
    ).stdout
    (tmp_path / "signer.p12").write_bytes(
        pkcs12_bags([key], [one.certificate.public_bytes(Encoding.DER) for one in CHAIN])
    )
    assert certificates_of(Pkcs12Signer(file=tmp_path / "signer.p12", password=PASSWORD)) == SERIALS


@pytest.mark.parametrize("order", [*permutations(CHAIN)], ids=lambda order: "-".join(map(_name, order)))
def test_several_certificates_in_any_order_without_names(tmp_path, order):
    certificates = [one.certificate.public_bytes(Encoding.DER) for one in order]
    (tmp_path / "signer.p12").write_bytes(pkcs12_file([DOCTOR.key], certificates, PASSWORD))
    assert certificates_of(Pkcs12Signer(file=tmp_path / "signer.p12", password=PASSWORD)) == SERIALS


def _name(issued):
    return issued.certificate.subject.rfc4514_string().removeprefix("CN=")


def test_a_file_without_a_friendly_name(tmp_path):
    content = pkcs12.serialize_key_and_certificates(
        None,
        DOCTOR.key,
        DOCTOR.certificate,
        [SUB.certificate, ROOT.certificate],
        BestAvailableEncryption(PASSWORD.encode()),
    )
    assert pkcs12.load_pkcs12(content, PASSWORD.encode()).cert.friendly_name is None
    (tmp_path / "signer.p12").write_bytes(content)
    assert certificates_of(Pkcs12Signer(file=tmp_path / "signer.p12", password=PASSWORD)) == SERIALS


def test_what_is_not_old_is_not_called_so():
    assert old_encryption(b"") is None
    assert old_encryption(bytes.fromhex("060a2a864886f70d010c01")) is None
    assert old_encryption(bytes.fromhex("060a2a864886f70d010c0109")) is None
    assert old_encryption(DOCTOR.certificate.public_bytes(Encoding.DER)) is None
