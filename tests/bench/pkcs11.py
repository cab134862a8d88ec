"""What a signature by a token costs, against a bare RSA-2048 signature of the same run: `python -m tests.bench.pkcs11`.

SoftHSM is the token. Prints a table for people and, as the last line, one JSON document. Compare the ratios of CPU:
other programs change the time on the wall. "CPU" is that of the worker and of the signer processes together.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.bench.process_cpu import cpu_seconds
from tests.support.signing.certificates import issue, key_usage
from tests.support.softhsm.install import install
from tests.support.softhsm.tokens import PIN, SoftHsm, StoredKey
from worker.signing.backend import Context
from worker.signing.pkcs11.building import Tokens
from worker.signing.pkcs11.settings import Pkcs11Settings
from worker.signing.refused_secrets import SecretsRefusedHere

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.signing.pkcs11.signer import Pkcs11Signer

ROUNDS = 5
SECONDS_PER_ROUND = 1.0
DOCTOR = issue("Bench", usage=key_usage(digital_signature=True))


@dataclass(frozen=True, slots=True)
class Case:
    """How many submissions sign at the same time, on one token, by how many processes: each has one session."""

    at_once: int
    processes: int

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"SoftHSM, {self.at_once} at a time, {self.processes} process{'es' * (self.processes > 1)}"


CASES = (Case(1, 1), Case(2, 1), Case(8, 1), Case(2, 2), Case(8, 2), Case(8, 8))


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one round. Milliseconds for each signature."""

    per_second: float
    wall: float
    cpu: float


def bare() -> Measured:
    """Measure signatures by a key in memory."""
    count, begun, cpu = 0, time.perf_counter(), time.process_time()
    while (elapsed := time.perf_counter() - begun) < SECONDS_PER_ROUND:
        DOCTOR.key.sign(b"x" * 1000, PKCS1v15(), SHA256())
        count += 1
    return _measured(count, elapsed, time.process_time() - cpu)


async def by_token(signer: Pkcs11Signer, at_once: int) -> Measured:
    """Measure signatures by this signer, `at_once` of them at the same time."""
    pids = signer.processes
    end = time.perf_counter() + SECONDS_PER_ROUND
    begun, cpu = time.perf_counter(), cpu_seconds(pids)
    counts = await asyncio.gather(*(_signing(signer, end) for _ in range(at_once)))
    return _measured(sum(counts), time.perf_counter() - begun, cpu_seconds(pids) - cpu)


async def _signing(signer: Pkcs11Signer, end: float) -> int:
    count = 0
    while time.perf_counter() < end:
        await signer.sign_digests([bytes(32)])
        count += 1
    return count


def _measured(count: int, elapsed: float, cpu: float) -> Measured:
    return Measured(count / elapsed, elapsed / count * 1000, cpu / count * 1000)


def signers_on(hsm: SoftHsm, directory: Path) -> dict[int, Pkcs11Signer]:
    """Make a signer for each number of processes."""
    (directory / "pin").write_text(PIN)
    hsm.make_token("bench")
    hsm.store("bench", [StoredKey(DOCTOR, "bench", b"\x01")])
    tokens = Tokens()
    context = Context(lambda: datetime.now(UTC), time.monotonic, SecretsRefusedHere())
    values = {
        "kind": "pkcs11",
        "module": hsm.module,
        "environment": hsm.environment,
        "pin_file": directory / "pin",
    }
    return {
        count: tokens.make(f"bench-{count}", Pkcs11Settings(**values, processes=count), context)
        for count in {case.processes for case in CASES}
    }


async def measure(signers: Mapping[int, Pkcs11Signer]) -> dict[str, Measured]:
    """Return the median of each case; rounds take turns, so that a slow moment hits all alike."""
    for one in signers.values():  # until all its processes are there
        await asyncio.gather(*(one.sign_digests([bytes(32)]) for _ in range(32)))
    rounds: dict[str, list[Measured]] = {"bare RSA-2048": []} | {case.name: [] for case in CASES}
    for _ in range(ROUNDS):
        rounds["bare RSA-2048"].append(bare())
        for case in CASES:
            rounds[case.name].append(await by_token(signers[case.processes], case.at_once))
    for one in signers.values():
        await one.close()
    return {name: sorted(seen, key=lambda one: one.wall)[len(seen) // 2] for name, seen in rounds.items()}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        measured = asyncio.run(measure(signers_on(SoftHsm(install(), directory / "softhsm"), directory)))
    base = measured["bare RSA-2048"]
    print(f"{'signatures':<38}{'per s':>8}{'wall ms':>9}{'x RSA':>7}{'CPU ms':>8}{'x RSA':>7}")
    for case, one in measured.items():
        ratios = one.wall / base.wall, one.cpu / base.cpu
        print(
            f"{case:<38}{one.per_second:>8.0f}{one.wall:>9.3f}{ratios[0]:>7.2f}{one.cpu:>8.3f}{ratios[1]:>7.2f}"
        )
    print(
        json.dumps(
            {
                case: {"per_second": round(one.per_second), "wall_ms": one.wall, "cpu_ms": one.cpu}
                for case, one in measured.items()
            }
        )
    )


if __name__ == "__main__":
    main()
