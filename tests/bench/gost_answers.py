"""How long other tasks wait while eight answers of half a megabyte, signed by GOST, are checked.

`python -m tests.bench.gost_answers`: the whole time, the event loop's lag, and the longest look-up of a host name.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import UTC, datetime

from tests.support.signing.gost import gost_signer, signed_by_gost
from tests.support.systems.kz_shep.answers import data, envelope, exemption, response, status
from worker.systems.kz_shep.trust import Trust

ANSWERS = 8
PDF_BYTES = 400_000


def answers(signer):
    for _ in range(ANSWERS):
        pdf = b"%PDF-1.4\n" + os.urandom(PDF_BYTES) + b"%%EOF\n"
        yield signed_by_gost(signer, envelope(response(data(status() + exemption(pdf=pdf)))))


async def lags(found):
    while True:
        start = time.perf_counter()
        await asyncio.sleep(0.001)
        found.append(time.perf_counter() - start - 0.001)


async def look_ups(found):
    while True:
        start = time.perf_counter()
        await asyncio.get_running_loop().getaddrinfo("localhost", 443)
        found.append(time.perf_counter() - start)
        await asyncio.sleep(0.05)


async def main():
    signer = gost_signer("gateway")
    trust = Trust([signer.certificate], now=lambda: datetime.now(UTC))
    documents = list(answers(signer))
    lag, names = [], []
    watchers = [asyncio.create_task(lags(lag)), asyncio.create_task(look_ups(names))]
    start = time.perf_counter()
    await asyncio.gather(*map(trust.check, documents))
    took = time.perf_counter() - start
    for watcher in watchers:
        watcher.cancel()
    trust.close()
    lag.sort()
    sys.stdout.write(
        f"{ANSWERS} answers: {took:.1f} s; loop lag: median {1000 * lag[len(lag) // 2]:.1f} ms, "
        f"99 % {1000 * lag[len(lag) * 99 // 100]:.0f} ms, most {1000 * lag[-1]:.0f} ms; "
        f"longest look-up: {1000 * max(names):.0f} ms\n"
    )


if __name__ == "__main__":
    asyncio.run(main())
