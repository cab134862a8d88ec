"""What the answers about an uploaded file state, in the words of the page and of the public server."""

from __future__ import annotations

import pytest

from worker.systems.ssev.uploads import Scan, blob_id_of, has_no_space, scan_of, shown_scan, stated_sha256

DIGEST = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
SCANS = {
    Scan.WAITING: (1, "1", "NONE", "None", "none"),
    Scan.CLEAN: (2, "NOTMALICIOUS", "NotMalicious", "NOT_MALICIOUS"),
    Scan.NOT_SURE: (3, "NOTSURE", "NotSure"),
    Scan.MALICIOUS: (4, "ISMALICIOUS", "IsMalicious"),
    None: (0, 5, "", "clean", None, True, False, 2.0, [2], {}),
}


@pytest.mark.parametrize(
    ("scan", "stated"), [(scan, one) for scan, all_ in SCANS.items() for one in all_], ids=repr
)
def test_the_result_of_a_scan_is_read_and_nothing_else_counts(scan, stated):
    assert scan_of({"malwareScanStatus": stated}) is scan


@pytest.mark.parametrize(
    ("stated", "scan"),
    [
        (True, Scan.MALICIOUS),
        (False, Scan.CLEAN),
        (None, Scan.WAITING),
        ("false", None),
        (0, None),
        (1, None),
    ],
    ids=repr,
)
def test_the_files_own_entry_states_the_scan(stated, scan):
    assert shown_scan({"isMalicious": stated}) is scan


def test_an_entry_without_the_member_waits():
    assert shown_scan({}) is Scan.WAITING


@pytest.mark.parametrize(
    ("stated", "full"),
    [
        (1, True),
        ("InsufficientStorageSpace", True),
        ("INSUFFICIENTSTORAGESPACE", True),
        (0, False),
        ("None", False),
    ],
    ids=repr,
)
def test_full_storage_is_read(stated, full):
    assert has_no_space({"errorStatus": stated}) is full


@pytest.mark.parametrize("algorithm", ["SHA256", "Sha256", "sha-256", "SHA-256"])
def test_a_sha_256_is_read_in_any_letters(algorithm):
    assert stated_sha256({"hash": DIGEST.upper(), "hashAlgorithm": algorithm}) == DIGEST


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"hash": DIGEST},
        {"hash": DIGEST, "hashAlgorithm": "SHA512"},
        {"hash": DIGEST[1:], "hashAlgorithm": "SHA256"},
        {"hash": "z" * 64, "hashAlgorithm": "SHA256"},
        {"hash": 1, "hashAlgorithm": "SHA256"},
    ],
    ids=range(6),
)
def test_another_digest_is_none(document):
    assert stated_sha256(document) is None


@pytest.mark.parametrize("stated", [None, "1", 0, -1, 1.0, True, 2**31], ids=repr)
def test_an_id_is_a_whole_number_of_32_bits(stated):
    assert blob_id_of({"blobId": stated}) is None
    assert blob_id_of({"blobId": 2**31 - 1}) == 2**31 - 1
