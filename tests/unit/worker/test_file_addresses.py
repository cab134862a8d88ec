"""Signed addresses: for one file or one source, until they expire, by any of the keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from worker.file_addresses import FileAddresses

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FILE, OTHER = "5a0f7a52-6d6e-4f7e-9a52-0d5c1c1d8a11", "5a0f7a52-6d6e-4f7e-9a52-0d5c1c1d8a12"
SOURCE = "urn:hospital:1/отделение?a=b"


def addresses(*keys, now=NOW):
    return FileAddresses(keys or (b"k" * 32,), "https://herald.test:8443/", 60, lambda: now)


def query(url):
    return dict(parse_qsl(urlsplit(url).query))


def test_an_address_serves_its_file_until_it_expires():
    url = addresses().to_fetch(FILE)
    assert url.startswith(f"https://herald.test:8443/files/{FILE}?expires=")
    said = query(url)
    for seconds, serves in ((0, True), (59, True), (60, False), (3600, False)):
        assert addresses(now=NOW + timedelta(seconds=seconds)).may_fetch(FILE, **said) is serves
    assert not addresses().may_fetch(OTHER, **said)
    assert not addresses().may_fetch(FILE, said["expires"] + "0", said["signature"])
    assert addresses().may_fetch(FILE, **query(addresses().to_fetch(FILE, 5)))


def test_an_address_to_upload_serves_one_source_and_fetches_nothing():
    said = query(addresses().to_upload(SOURCE))
    assert said["source"] == SOURCE
    assert addresses().may_upload(**said)
    assert not addresses().may_upload(**(said | {"source": "urn:hospital:2"}))
    assert not addresses().may_fetch(FILE, said["expires"], said["signature"])


def test_keys_are_replaced_one_after_the_other():
    old, new = b"o" * 32, b"n" * 32
    said = query(addresses(old).to_fetch(FILE))
    assert addresses(new, old).may_fetch(FILE, **said)
    assert not addresses(new).may_fetch(FILE, **said)
    rotated = addresses(old)
    rotated.replace((new,))
    assert not rotated.may_fetch(FILE, **said)


@pytest.mark.parametrize("signature", ["", "0" * 64, "я", "\udcff"])
def test_anything_else_is_no_signature(signature):
    assert not addresses().may_fetch(FILE, "9999999999", signature)
