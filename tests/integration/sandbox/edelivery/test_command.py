"""`herald sandbox edelivery` as a process: what it states, its ports, and that large files do not fill its memory."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import aiohttp
import pytest

from tests.support.sandbox.edelivery.client import Client

SIZE = 64 * 1024 * 1024


@pytest.fixture
def process(tmp_path):
    options = ["--dir", str(tmp_path), "--port", "0", "--token-port", "0", "--token-seconds", "90"]
    command = [sys.executable, "-m", "worker", "sandbox", "edelivery", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    yield process
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()


@pytest.fixture
def sandbox(process):
    """The process as clients know it: from its line of JSON."""
    ready = json.loads(process.stdout.readline())
    clients = {
        one["name"]: SimpleNamespace(
            certificate_file=one["certificate_file"],
            key_file=one["key_file"],
            client=SimpleNamespace(client_id=one["client_id"]),
        )
        for one in ready["clients"]
    }
    known = {name: ready[name] for name in ("url", "token_url", "ca_file")}
    return SimpleNamespace(**known, clients=clients, ready=ready)


def most_memory(pid):
    """Return the most memory that a process has had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024


async def zeros():
    for _ in range(SIZE // 65_536):
        yield bytes(65_536)


async def test_it_states_what_a_client_needs_and_serves_it(sandbox):
    assert sandbox.ready["client_ca_file"].endswith("/esb/ca.pem")
    assert [one["client_id"] for one in sandbox.ready["payment_clients"]] == [
        "sandbox-hospital",
        "sandbox-municipality",
    ]
    async with Client(sandbox) as client:
        assert (await client.ask_token()).json()["expires_in"] == 90
        assert (await client.letter()).status == 200


async def test_large_files_do_not_fill_its_memory(process, sandbox):
    async with Client(sandbox) as client:
        assert (await client.call("GET", "/ed2/api/templates")).status == 200
        before = most_memory(process.pid)
        form = aiohttp.FormData()
        form.add_field("file", zeros(), filename="a.bin", content_type="application/octet-stream")
        answer = await client.call("POST", "/ed2/upload/blobs?type=Storage", data=form)
        assert answer.json()["size"] == SIZE
        link = (await client.call("GET", f"/ed2/api/blobs/{answer.json()['blobId']}")).json()["downloadLink"]
        status, length, parts = await client.chunks(link)
        assert (status, length, sum(map(len, parts))) == (200, SIZE, SIZE)
        assert most_memory(process.pid) - before < SIZE // 2
