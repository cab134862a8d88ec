"""A doctor's certificate is renewed under load: the file is replaced while workers sign with its key."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

from tests.chaos.control import ask
from tests.chaos.faults.worker_logs import times_told
from tests.chaos.run_context import RunContext
from tests.chaos.signing import FIRST, IN_FILE

MET_SECONDS = 120.0
LOOK_SECONDS = 0.3
IN_USE = "changed files are in use"
BEFORE = timedelta(days=3)
"""A worker whose clock is a day behind must take the certificate too."""


async def rotate(context: RunContext) -> None:
    """Let the same authority issue another certificate, replace the file, and wait until a worker uses it."""
    before = times_told(context, IN_USE, IN_FILE)
    await _replace(context)
    end = time.monotonic() + MET_SECONDS
    while True:
        await context.occasion()
        await asyncio.sleep(LOOK_SECONDS)
        told = times_told(context, IN_USE, IN_FILE) - before
        if told or time.monotonic() > end:
            break
    context.faults["certificate-rotated"] += told


async def _replace(context: RunContext) -> None:
    signing = context.signing
    doctor = next(one for one in FIRST if one.name == IN_FILE)
    files = next(one for one in signing.pki.signers if one.name == IN_FILE)
    renewed = await asyncio.to_thread(
        signing.authority.issue_signer, doctor, not_before=datetime.now(UTC) - BEFORE
    )
    nhis, certificate = context.installation.nhis, renewed.certificate_pem()
    await ask(lambda: nhis.know_signer(doctor.name, doctor.uin, certificate))
    password = files.password_file.read_text(encoding="ascii").strip()
    new = files.pkcs12_file.with_suffix(".new")
    new.write_bytes(renewed.pkcs12(doctor.name, password, signing.authority.certificate))
    new.replace(files.pkcs12_file)
