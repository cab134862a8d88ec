"""`herald sandbox epayment` as a process: what it states, that its secrets stay, and that it ends when asked."""

from __future__ import annotations

import asyncio
import json
import stat
import sys
from pathlib import Path

from tests.support.sandbox.epayment.calls import form, payment
from tests.support.sandbox.epayment.raw import exchange

COMMAND = "from sandbox.command import app; app()"


async def run(directory, act):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        COMMAND,
        "epayment",
        "--dir",
        str(directory),
        "--port",
        "0",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(30):
            ready = json.loads(await process.stdout.readline())
            done = await act(ready)
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0
    return done


def secret_of(client):
    file = Path(client["secret_file"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return file.read_text()


async def test_it_states_what_a_client_needs_and_serves_it(tmp_path):
    async def act(ready):
        client, other = ready["clients"]
        assert (client["client_id"], other["client_id"]) == ("sandbox-hospital", "sandbox-municipality")
        secret = secret_of(client)
        body = form(client["client_id"], secret, payment(serviceProviderIBAN=client["iban"]))
        answer = await exchange(ready["service_url"] + "paymentJson", ready["ca_file"], body)
        assert json.loads(answer.body)["unacceptedReceiptJson"] is None
        return secret

    first = await run(tmp_path, act)
    assert await run(tmp_path, act) == first
