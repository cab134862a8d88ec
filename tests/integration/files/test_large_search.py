"""Certificates of 1 MB of Kazakhstan's exemptions go out by reference; the numbers are the sandbox's, all invented."""

from __future__ import annotations

import hashlib

import pytest

from tests.integration.files.test_in_replies import fetched, with_files
from tests.support.files.large_kz_shep import SIZE, large_page
from tests.support.systems.scene import event
from tests.support.worker.installation import (
    SHORT_WAITS,
    SystemInstallation,
    new_topics,
    serving,
    signer_files,
)
from tests.support.worker.sandbox import Sandbox, running

SYSTEM, NUMBER, OWN = "kz-shep", "01085", "clinic"
TEXT = f"Herald sandbox: medical exemption {NUMBER}"


@pytest.fixture
def installation(kafka, journal_dsn, tmp_path):
    directory = tmp_path / "sandbox"
    directory.mkdir()
    with running(SYSTEM, directory, kind=Sandbox, main="tests.support.files.large_kz_shep") as sandbox:
        (own,) = signer_files(sandbox.ready["signers"][:1]).values()
        section = {
            "url": sandbox.ready["gateway_url"],
            "senders": {OWN: sandbox.ready["senders"][0]},
            "pinned_certificates": [sandbox.ready["gateway_certificate_file"]],
            "transport": {"ca_file": sandbox.ca_file, **SHORT_WAITS},
        }
        topics = new_topics(SYSTEM, kafka.bootstrap)
        yield SystemInstallation(kafka.bootstrap, topics, journal_dsn, tmp_path, sandbox, {OWN: own}, section)


async def test_both_certificates_of_a_search_are_fetched_from_the_store(installation, tmp_path):
    search = event("large", "kz-shep.medical-exemption.search.v1", OWN, {"number": NUMBER})
    expected = [large_page(TEXT), large_page(f"{TEXT}, for printing")]
    async with installation.reading() as answers, serving(installation.config(with_files(tmp_path))):
        await installation.publish(search)
        await answers.answered(["large"], 60)
        reply = answers.only("large").json
        files = {one["path"]: one["file"] for one in reply["files"]}
        found = [await fetched(tmp_path, one["url"], certificate=False) for one in files.values()]

    (exemption,) = reply["data"]["exemptions"]
    stated = [exemption["certificate"], exemption["printableCertificate"]]
    assert [one["sha256"] for one in stated] == [hashlib.sha256(one).hexdigest() for one in expected]
    contents = {one["sha256"] for path, one in files.items() if path.startswith("data.")}
    assert contents == {one["sha256"] for one in stated}
    assert {len(one) for path, one in zip(files, found, strict=True) if path.startswith("data.")} == {SIZE}
    assert all(one in found for one in expected)
    assert reply["data"]["contents"] is None
