"""Files: uploads of one part, scans on the sandbox's clock, links that end, and the storage."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

import pytest

from sandbox.stand_in import Request
from tests.support.sandbox.edelivery.world import CITIZEN, multipart

CONTENT = b"%PDF-1.4 invented"
HASH = hashlib.sha256(CONTENT).hexdigest().upper()


@pytest.mark.parametrize("kind", ["TEMPORARY", "Temp", "0", "STORAGE", "Storage", "1"])
def test_an_upload_by_every_spelling_of_its_type(world, kind):
    status, answer = world.upload(CONTENT, kind=kind)
    assert status == 200
    assert answer == {
        "name": "писмо.pdf",
        "size": len(CONTENT),
        "hashAlgorithm": "Sha256",
        "hash": HASH,
        "blobId": 5001,
        "malwareScanStatus": 2,
        "blobSignatureStatus": 0,
        "errorStatus": 0,
    }
    assert world.ledger("blobs")[0]["type"] == ("Storage" if kind in "STORAGE Storage 1" else "Temporary")


def test_an_upload_as_the_source_answers_it(world):
    world.control("variants", {"upload_answer": "source"})
    answer = world.upload()[1]
    assert {name: answer[name] for name in ("malwareScanStatus", "signatureStatus", "errorStatus")} == {
        "malwareScanStatus": "NotMalicious",
        "signatureStatus": "None",
        "errorStatus": "None",
    }


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (
            multipart(CONTENT, disposition="form-data; name=x; filename*=UTF-8''%D0%B0.pdf; filename=\"b\""),
            "а.pdf",
        ),
        (multipart(CONTENT, disposition='attachment; filename="C:\\\\dir\\\\c.pdf"'), "c.pdf"),
        (multipart(CONTENT, disposition="form-data; filename=d.pdf"), "d.pdf"),
    ],
    ids=["star", "path", "unquoted"],
)
def test_names_of_files(world, body, name):
    assert world.upload(body=body)[1]["name"] == name


def test_content_that_looks_like_a_boundary(world):
    content = b"--b0undary\r\n\r\n--b0undar\r\n\r\n --b0undary--\n--b0undary"
    answer = world.upload(content)[1]
    assert (answer["size"], answer["hash"]) == (len(content), hashlib.sha256(content).hexdigest().upper())


@pytest.mark.parametrize("window", [1, 2, 5, 9, 13, 64])
def test_a_boundary_across_windows(world, monkeypatch, window):
    monkeypatch.setattr("sandbox.edelivery.upload._WINDOW", window)
    answer = world.upload(CONTENT)[1]
    assert (answer["size"], answer["hash"]) == (len(CONTENT), HASH)


@pytest.mark.parametrize(
    ("how", "status"),
    [
        ({"kind": "Registration"}, 400),
        ({"kind": ""}, 400),
        ({"body": (b"{}", "application/json")}, 400),
        ({"body": multipart(CONTENT, parts=2)}, 400),
        ({"body": multipart(CONTENT, disposition="form-data; name=x")}, 400),
        ({"body": (multipart(CONTENT)[0], "multipart/form-data")}, 500),
        ({"body": (multipart(CONTENT)[0][:-20], multipart(CONTENT)[1])}, 500),
        ({"body": (b"", multipart(CONTENT)[1])}, 500),
        ({"body": (b"\xff" * 100, multipart(CONTENT)[1])}, 500),
    ],
    ids=["type", "no-type", "json", "two-parts", "no-file", "no-boundary", "cut", "empty", "garbage"],
)
def test_uploads_that_are_refused(world, how, status):
    assert world.upload(**how)[0] == status
    assert world.ledger("blobs") == []


@pytest.mark.parametrize(
    ("scan", "after", "malicious"),
    [("clean", 2, False), ("malicious", 4, True), ("unsure", 3, None), ("never", 1, None)],
)
def test_a_scan_ends_later(world, scan, after, malicious):
    world.control("variants", {"scan": scan, "scan_seconds": 30})
    answer = world.upload(kind="Storage")[1]
    number = answer["blobId"]
    assert answer["malwareScanStatus"] == 1
    assert world.get(f"blobs/{number}")["isMalicious"] is None
    world.wait(seconds=30)
    assert world.get(f"blobs/{number}")["isMalicious"] is malicious
    assert world.ledger("blobs")[0]["malwareScanStatus"] == after


def test_a_scan_that_finds_at_once(world):
    world.control("variants", {"scan": "malicious"})
    answer = world.upload()[1]
    assert (answer["blobId"], answer["hash"], answer["malwareScanStatus"]) == (None, None, 4)
    assert world.ledger("blobs") == []


def test_a_scan_that_a_test_ends(world):
    world.control("variants", {"scan": "never"})
    number = world.blob(kind="Storage")
    world.control("scan", {"blobId": number, "result": "clean"})
    assert world.get(f"blobs/{number}")["isMalicious"] is False


def test_a_storage_that_is_full(world):
    world.control("variants", {"storage_bytes": 100})
    answer = world.upload()[1]
    assert (answer["blobId"], answer["errorStatus"]) == (None, 1)


def test_a_temporary_file_is_not_there_to_read_unless_the_variant_says_so(world):
    number = world.blob(kind="Temp")
    assert world.call("GET", f"/ed2/api/blobs/{number}")[0] == 404
    assert world.get("blobs") == {"result": [], "length": 0}
    world.control("variants", {"temporary_readable": True})
    assert world.get(f"blobs/{number}")["blobId"] == number
    world.wait(days=1)
    assert world.call("GET", f"/ed2/api/blobs/{number}")[0] == 404


def test_the_storage(world):
    first, second = world.blob(kind="Storage"), world.blob(kind="Storage")
    assert [one["blobId"] for one in world.get("blobs", limit=1)["result"]] == [second]
    assert world.call("DELETE", f"/ed2/api/blobs/{first}") == (200, None)
    assert world.call("DELETE", f"/ed2/api/blobs/{first}")[0] == 404
    assert world.get("blobs")["length"] == 1


def test_the_storage_of_somebody_else(world):
    of_token = {"headers": {"representedPersonID": CITIZEN}}
    number = world.upload(kind="Storage", on_behalf=True, of_token=of_token)[1]["blobId"]
    assert world.call("GET", f"/ed2/api/blobs/{number}")[0] == 404
    assert (
        world.call("GET", f"/ed2/api/obo/blobs/{number}", token=world.token(**of_token))[1]["blobId"]
        == number
    )


def download(world, link):
    parts = urlsplit(link)
    return world.gateway.answer(Request("GET", parts.path, parts.query, {}, b""))


def test_a_link_is_good_for_an_hour_and_needs_nothing_else(world):
    link = world.get(f"blobs/{world.blob(CONTENT, kind='Storage')}")["downloadLink"]
    answer = download(world, link)
    assert (answer.status, answer.file.read_bytes(), answer.content_type) == (200, CONTENT, "application/pdf")
    assert [one["blobId"] for one in world.ledger("downloads")] == [5001]
    assert download(world, link.replace("/profile", "/message")).status == 400
    world.wait(hours=1)
    late = download(world, link)
    assert (late.status, late.content_type, late.file) == (400, "text/plain", None)
    assert download(world, "https://gateway.invalid/profile").status == 400


def test_a_link_states_its_end_in_local_time(world):
    number = world.blob(kind="Storage")
    assert world.get(f"blobs/{number}")["downloadLinkExpirationDate"] == "2026-12-01T11:30:15.250"
    world.control("variants", {"dates": "offset"})
    assert world.get(f"blobs/{number}")["downloadLinkExpirationDate"] == "2026-12-01T11:30:15.250+02:00"


def test_a_reset_deletes_the_files(world, tmp_path):
    world.blob()
    assert list(tmp_path.glob("*.blob"))
    world.gateway.reset()
    assert not list(tmp_path.glob("*.blob"))
    assert world.ledger("blobs") == []
