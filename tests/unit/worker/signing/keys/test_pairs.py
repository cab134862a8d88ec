"""Files that hold several pairs: stores keep the old one beside the renewed one, or several people's."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.support.signing.certificates import NOW, YEAR, issue, key_usage, rsa_key
from tests.support.signing.der import pkcs12_file
from worker.configuration_error import ConfigurationError
from worker.signing.certificates import validity_problem
from worker.signing.keys import pkcs12
from worker.signing.keys.pkcs12 import load_pkcs12
from worker.signing.keys.pkcs12_keys import private_keys
from worker.signing.settings import Pkcs12Signer

CASES = Path(__file__).parent / "cases"
PASSWORD = "secret"
DAY = timedelta(days=1)
# OpenSSL checks each RSA key that it decrypts: a small one, which nothing here signs with, in a fifth of the time.
SMALL = 1024
OLD = issue("Old", start=NOW - 2 * YEAR, end=NOW - DAY)
NEW = issue("New")
COMING = issue("Coming", key=rsa_key("Coming", SMALL), start=NOW + DAY, end=NOW + 2 * YEAR)
ENCRYPTS = issue("Encrypts", key=rsa_key("Encrypts", SMALL), usage=key_usage())
RENEWED = issue("Renewed", key=OLD.key)
OTHER = issue("Other")


def load(file, clock=lambda: NOW):
    return load_pkcs12("doctor", Pkcs12Signer(file=file, password=PASSWORD), clock=clock)


def written(tmp_path, *pairs, certificates=None):
    keys = list(dict.fromkeys(pair.key for pair in pairs))
    ders = [one.certificate.public_bytes(Encoding.DER) for one in certificates or pairs]
    (tmp_path / "pairs.p12").write_bytes(pkcs12_file(keys, ders, PASSWORD))
    return tmp_path / "pairs.p12"


VALID = [(OLD, NEW), (NEW, COMING), (ENCRYPTS, NEW), (OLD, RENEWED), (OLD, ENCRYPTS, COMING, NEW)]


@pytest.mark.parametrize("pairs", [order for pairs in VALID for order in permutations(pairs)])
async def test_the_one_that_can_sign_now_is_used_whatever_the_order(tmp_path, pairs):
    key = load(written(tmp_path, *pairs))
    assert key.known.certificate in (NEW.certificate, RENEWED.certificate)
    assert validity_problem(key.known.certificate, NOW) is None
    assert await key.sign_digests([bytes(32)])


def test_the_pairs_of_the_field():
    certificate = load(CASES / "two-pairs-expired-first.p12").known.certificate
    assert validity_problem(certificate, NOW) is None


@pytest.mark.parametrize("pairs", [*permutations((NEW, OTHER))])
def test_two_that_are_valid_are_a_sentence(tmp_path, pairs):
    file = written(tmp_path, *pairs)
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    (problem,) = caught.value.problems
    assert problem.startswith(f"{file}: it holds 2 keys whose certificates are valid now (serial numbers ")
    assert problem.endswith("); keep only the one to sign with")
    assert all(f"{one.certificate.serial_number:x}" in problem for one in pairs)


@pytest.mark.parametrize("pairs", [*permutations((OLD, issue("Older", end=NOW - 2 * DAY)))])
def test_of_expired_ones_the_last_is_reported(tmp_path, pairs):
    key = load(written(tmp_path, *pairs))
    assert key.known.certificate == OLD.certificate


def test_none_that_can_sign_is_told_of_the_first(tmp_path):
    with pytest.raises(ConfigurationError, match="KeyUsage allows neither"):
        load(written(tmp_path, ENCRYPTS, issue("Encrypts too", usage=key_usage())))


def test_a_key_of_another_kind_beside_it_is_no_matter(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "mixed.p12").write_bytes(
        pkcs12_file([key, NEW.key], [NEW.certificate.public_bytes(Encoding.DER)], PASSWORD)
    )
    assert load(tmp_path / "mixed.p12").known.certificate == NEW.certificate


def test_a_second_key_without_a_certificate_is_no_matter(tmp_path):
    assert load(written(tmp_path, NEW, OTHER, certificates=[NEW])).known.certificate == NEW.certificate


@pytest.mark.parametrize(("pairs", "times"), [((NEW,), 0), ((OLD, RENEWED), 0), ((OLD, NEW), 1)])
def test_keys_are_decrypted_again_only_where_there_are_several(tmp_path, monkeypatch, pairs, times):
    """A worker with hundreds of signers would otherwise need twice as long for its start."""
    read = []

    def reading(data, password):
        read.append(data)
        return private_keys(data, password)

    monkeypatch.setattr(pkcs12, "private_keys", reading)
    load(written(tmp_path, *pairs))
    assert len(read) == times
