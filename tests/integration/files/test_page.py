"""docs/files.md: its commands are run as they stand there, against a real server."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shutil

import pytest

from tests.support.files.served import HIS, serve
from tests.support.files.stores import chunks_of, new_file
from tests.support.readme import ROOT

TEXT = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)```", TEXT, re.DOTALL | re.MULTILINE)
CONTENT = os.urandom(300_000)


async def ran(command, directory, **variables):
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-euc",
        command,
        cwd=directory,
        env={**os.environ, **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's commands need curl")
async def test_its_commands_work_as_they_stand(stores, tmp_path):
    store = stores()
    stored = await store.save(new_file(), chunks_of(CONTENT))
    served = await serve(store, tmp_path)
    (tmp_path / "letter.pdf").write_bytes(CONTENT)
    variables = {
        "HERALD": served.base,
        "CA": str(served.ca),
        "CERTIFICATE": str(tmp_path / f"{HIS}.pem"),
        "FILE_ID": stored.id,
        "SIGNED_URL": served.addresses.to_fetch(stored.id),
        "SOURCE": "urn:hospital:1",
        "UPLOAD_URL": served.addresses.to_upload("urn:hospital:1"),
    }
    try:
        by_certificate, signed, part, upload, signed_upload = COMMANDS
        for command in (by_certificate, signed):
            await ran(command, tmp_path, **variables)
            assert (tmp_path / "file.pdf").read_bytes() == CONTENT
            (tmp_path / "file.pdf").unlink()
        await ran(part, tmp_path, **variables)
        assert (tmp_path / "part").read_bytes() == CONTENT[:10]
        told = [json.loads(await ran(command, tmp_path, **variables)) for command in (upload, signed_upload)]
    finally:
        await served.server.stop(1)
    assert told[0] == told[1]
    assert (await store.find(told[0]["id"])).name == "letter.pdf"
    assert "name=letter.pdf" not in TEXT.replace("filename=", "")
    assert told[0]["sha256"] == hashlib.sha256(CONTENT).hexdigest()
    assert set(told[0]) == {"id", "sha256", "size", "expiresAt"}


def test_the_page_names_the_statuses_and_commands():
    for status in ("401", "403", "404", "410", "413", "416", "422", "429, 503"):
        assert status in TEXT
    for command in ("list", "show", "fetch", "address", "upload-address"):
        assert f"`{command}`" in TEXT or f"herald files {command}" in TEXT
