"""`herald files`: what there is, who fetched it, its content, and signed addresses."""

from __future__ import annotations

import json
import os
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.files.stores import chunks_of, new_file
from tests.support.worker.installation import herald

CONTENT = os.urandom(300_000)


@pytest.fixture
async def config(journal_dsn, tmp_path):
    (tmp_path / "dsn").write_text(journal_dsn)
    (tmp_path / "keys").write_text("k" * 40)
    signed = {"key_file": str(tmp_path / "keys"), "base_url": "https://herald.test:8443"}
    path = tmp_path / "herald.yaml"
    document = {
        "kafka": {"bootstrap_servers": "localhost:1"},
        "journal": {"dsn_file": str(tmp_path / "dsn")},
        "systems": {"nhis": {}},
        "files": {"signed_urls": signed},
    }
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
async def stored(stores):
    return await stores().save(new_file(), chunks_of(CONTENT))


async def test_what_there_is_and_who_fetched_it(config, stored, tmp_path):
    listed = json.loads(herald("files", "list", "--json", "-c", config).stdout)
    assert [(one["id"], one["size"], one["backend"]) for one in listed] == [
        (stored.id, len(CONTENT), "postgres")
    ]
    assert stored.id in herald("files", "list", "-c", config, "--submission", "s-1").stdout
    assert json.loads(herald("files", "list", "--json", "-c", config, "--source", "other").stdout) == []
    to = tmp_path / "out.pdf"
    done = herald("files", "fetch", stored.id, "--to", to, "--by", "operator-1", "-c", config)
    assert done.returncode == 0, done.stderr
    assert to.read_bytes() == CONTENT
    assert to.stat().st_mode & 0o777 == 0o600
    shown = json.loads(herald("files", "show", stored.id, "--json", "-c", config).stdout)
    assert shown["file"]["sha256"] == stored.sha256
    ((act, who, complete),) = [(one["act"], one["who"], one["complete"]) for one in shown["accesses"]]
    assert (act, who, complete) == ("fetch", "operator-1", True)
    assert "operator-1" in herald("files", "show", stored.id, "-c", config).stdout


async def test_signed_addresses(config, stored):
    fetch = herald("files", "address", stored.id, "--seconds", "60", "-c", config).stdout.strip()
    assert fetch.startswith(f"https://herald.test:8443/files/{stored.id}?expires=")
    upload = herald("files", "upload-address", "--source", "urn:hospital:1", "-c", config).stdout.strip()
    assert parse_qs(urlsplit(upload).query)["source"] == ["urn:hospital:1"]


async def test_what_cannot_be_done_is_told_in_a_sentence(config, tmp_path, journal_dsn):
    absent = new_file("absent").id
    for command in (
        ("show", absent),
        ("address", absent),
        ("fetch", absent, "--to", tmp_path / "x", "--by", "a"),
    ):
        done = herald("files", *command, "-c", config)
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert "no" in done.stderr
    assert not (tmp_path / "x").exists()
