"""Two hundred signers on one token: made without asking anybody, and each usable within seconds. All are invented."""

from __future__ import annotations

import asyncio
import time

from tests.support.signing.certificates import issue, key_usage, rsa_key
from tests.support.softhsm.tokens import PIN, StoredKey
from worker.signing.pkcs11.settings import Pkcs11Settings

MANY = 200


async def test_two_hundred_signers_on_one_token(workshop, softhsm, tmp_path):
    usage, key = key_usage(digital_signature=True), rsa_key("shared by all")
    people = [
        issue(f"Doctor {n}", key=key, usage=usage, subject_serial=f"PNOBG-{n:010}") for n in range(MANY)
    ]
    softhsm.make_token("clinic")
    softhsm.store(
        "clinic", [StoredKey(one, f"key-{n}", n.to_bytes(2, "big")) for n, one in enumerate(people)]
    )
    (tmp_path / "pin").write_text(PIN)
    worker = workshop.worker()
    begun = time.monotonic()

    signers = [
        worker(
            f"dr-{n}",
            Pkcs11Settings(
                kind="pkcs11",
                module=softhsm.module,
                environment=softhsm.environment,
                pin_file=tmp_path / "pin",
                key={"subject_serial": f"PNOBG-{n:010}"},
            ),
        )
        for n in range(MANY)
    ]
    made = time.monotonic() - begun
    identities = await asyncio.gather(*(one.identity() for one in signers))
    await asyncio.gather(*(one.sign_digests([bytes(32)]) for one in signers))
    took = time.monotonic() - begun

    assert made < 1
    assert took < 10
    assert [one.certificate for one in identities] == [one.certificate for one in people]
    assert len({one.processes for one in signers}) == 1
