"""Encryption of single values: what opens, what does not, and what says so."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.journal.errors import CannotDecrypt
from worker.journal.vault import MAGIC, PLAIN, Vault, key_of

KEY, OTHER = b"k" * 32, b"o" * 32
VAULT = Vault({"2026": KEY, "2025": OTHER}, "2026")
PLACE = ("value", "reply", "urn:his", "s-1")


@given(st.binary(max_size=200) | st.binary(max_size=20).map(lambda tail: MAGIC + tail))
def test_what_is_sealed_opens_with_encryption_and_without(plain):
    for vault in (VAULT, PLAIN, VAULT.without_active()):
        assert vault.open(vault.seal(plain, *PLACE), *PLACE) == plain
    assert key_of(VAULT.seal(plain, *PLACE)) == "2026"
    assert key_of(PLAIN.seal(plain, *PLACE)) is None


def test_the_same_value_is_never_stored_alike():
    assert len({VAULT.seal(b"7501010010", *PLACE) for _ in range(1000)}) == 1000


def test_an_older_key_opens_what_it_sealed():
    before = Vault({"2025": OTHER}, "2025").seal(b"text", *PLACE)
    assert VAULT.open(before, *PLACE) == b"text"
    assert key_of(before) == "2025"


@pytest.mark.parametrize(
    ("vault", "words"),
    [
        (PLAIN, "the key 2026, which journal.encryption.keys lacks"),
        (Vault({"2026": OTHER}, "2026"), "does not open with the key 2026"),
    ],
)
def test_without_the_key_the_error_names_it(vault, words):
    with pytest.raises(CannotDecrypt, match=words):
        vault.open(VAULT.seal(b"text", *PLACE), *PLACE)


@pytest.mark.parametrize("place", [("value", "reply", "urn:his", "s-2"), ("value", "reply", "urn:his"), ()])
def test_a_value_that_was_moved_elsewhere_does_not_open(place):
    with pytest.raises(CannotDecrypt):
        VAULT.open(VAULT.seal(b"text", *PLACE), *place)


def test_no_changed_byte_and_no_cut_goes_unnoticed():
    sealed = VAULT.seal(b"text", *PLACE)
    start = len(MAGIC) + 1 + len("2026")
    for index in range(start, len(sealed)):
        changed = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        with pytest.raises(CannotDecrypt):
            VAULT.open(changed, *PLACE)
        with pytest.raises(CannotDecrypt):
            VAULT.open(sealed[:index], *PLACE)


def test_a_key_is_found_by_any_digest_that_may_be_stored():
    plain = hashlib.sha256(b"patient").digest()
    stored = [vault.digest(plain) for vault in (VAULT, Vault({"2025": OTHER}, "2025"), PLAIN)]
    assert len(set(stored)) == 3
    assert set(stored) == set(VAULT.digests(b"patient"))
