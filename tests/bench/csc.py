"""Signatures per second at a CSC provider, with and without batches: `python -m tests.bench.csc [ROUNDS]`.

A hundred submissions at a time want one signature each, over real TLS, from a stand-in that takes 100 ms for each call.
Without batches one call holds one digest; in both cases one call is in flight at a time, as it is by
default. Prints a table for people and, as the last line, one JSON document. CPU is of this process, in which the
worker's part, the stand-in's signatures and TLS run, against one bare RSA-2048 signature of the same run.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from sandbox.csc.server import Sandbox
from sandbox.pki import DOCTORS, Pki
from sandbox.remote_signing.keys import credentials
from tests.support.signing.providers import csc, loaded
from worker.signing.checked import CheckedSigner

IN_FLIGHT = 100
LATENCY = 0.1
RSA_ROUNDS = 300
WAYS = {"without batches": {"most": 1}, "with batches": {"most": 100}}


@asynccontextmanager
async def provider(directory: Path) -> AsyncIterator[Sandbox]:
    """Run a provider that takes its time for each call that signs."""
    async with Sandbox(directory) as sandbox:
        match = {"operation": "signatures/signHash"}
        sandbox.faults.add("delay", match=match, seconds=LATENCY)
        yield sandbox


async def measure(sandbox: Sandbox, rounds: int) -> dict[str, dict[str, float]]:
    """Return signatures per second, CPU in ms for each, and how many a call held, by the way of calling."""
    found = {}
    for name, batch in WAYS.items():
        signer = loaded(csc(sandbox, batch=batch, timeout=60))
        await signer.sign_digests(
            [_digest(-1)]
        )  # the provider is asked for its credential, and trusted, before
        ledger = sandbox.service.stand_in.ledger()
        before = len(ledger["signings"])
        times = [await _round(signer, number) for number in range(rounds)]
        calls = len(sandbox.service.stand_in.ledger()["signings"]) - before
        await signer.close()
        found[name] = {
            "per_second": IN_FLIGHT / statistics.median(wall for wall, _ in times),
            "cpu_ms": statistics.median(cpu for _, cpu in times) / IN_FLIGHT * 1000,
            "in_a_call": rounds * IN_FLIGHT / calls,
        }
    return found


async def _round(signer: CheckedSigner, number: int) -> tuple[float, float]:
    wanted = [_digest(number * IN_FLIGHT + one) for one in range(IN_FLIGHT)]
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(signer.sign_digests([one]) for one in wanted))
    return time.perf_counter() - wall, time.process_time() - cpu


def _digest(number: int) -> bytes:
    return hashlib.sha256(str(number).encode()).digest()


def bare_rsa(pki: Pki) -> float:
    """Return the CPU of one RSA-2048 signature in ms."""
    key, digest = credentials(pki)[DOCTORS[0].name].key, _digest(0)
    began = time.process_time()
    for _ in range(RSA_ROUNDS):
        key.sign(digest, PKCS1v15(), Prehashed(SHA256()))
    return (time.process_time() - began) / RSA_ROUNDS * 1000


async def run(directory: Path, rounds: int) -> dict[str, object]:
    """Measure everything."""
    async with provider(directory) as sandbox:
        ways = await measure(sandbox, rounds)
    one, many = (ways[name]["per_second"] for name in WAYS)
    return {"rsa_ms": bare_rsa(Pki.load(directory)), "ways": ways, "times": many / one}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as place:
        Pki.create(Path(place))
        result = asyncio.run(run(Path(place), rounds))
    rsa = result["rsa_ms"]
    print(f"{'100 in flight, 100 ms a call':<30}{'per s':>9}{'in a call':>11}{'CPU x RSA':>11}")
    for name, way in result["ways"].items():
        print(f"{name:<30}{way['per_second']:>9.1f}{way['in_a_call']:>11.1f}{way['cpu_ms'] / rsa:>11.1f}")
    print(f"with batches {result['times']:.0f} times as many")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
