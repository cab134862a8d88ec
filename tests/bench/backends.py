"""What a signature costs by each kind of signer, against a bare RSA-2048 signature of the same run.

Run `python -m tests.bench.backends [SECONDS]`: each round takes so many (1 by default). The token is SoftHSM; the
providers are the stand-ins, each in a process of its own, over real TLS and without any added delay. "CPU" is that of
the worker, and of the signer process of the token; that of the stand-ins is left out: a provider pays for it. Prints
a table for people and, as the last line, one JSON document. NCANode is not among them: it is a server of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from cryptography import x509
from pydantic import TypeAdapter

from sandbox.pki import DOCTORS, Pki
from sandbox.remote_signing.keys import credentials
from tests.bench.process_cpu import cpu_seconds
from tests.support.signing.certificates import Issued
from tests.support.signing.providers import btrust_settings, csc_settings, vault_settings
from tests.support.softhsm.install import install
from tests.support.softhsm.tokens import PIN, SoftHsm, StoredKey
from tests.support.worker.sandbox import Sandbox, running
from worker.signing.algorithms import SignatureAlgorithm
from worker.signing.checked import CheckedSigner
from worker.signing.registry import load_signers
from worker.signing.settings import SignerSettings

ROUNDS = 5
AT_ONCE = (1, 100)
BARE = "bare RSA-2048"
DOCTOR = DOCTORS[0].name
_SETTINGS: TypeAdapter[SignerSettings] = TypeAdapter(SignerSettings)
_NUMBERS = count()


@dataclass(frozen=True, slots=True)
class Measured:
    """Of one round: signatures per second, and milliseconds for each."""

    per_second: float
    wall_ms: float
    cpu_ms: float


@contextmanager
def settings_of_all(directory: Path) -> Iterator[Mapping[str, Mapping[str, Any]]]:
    """Run what the signers need, and give their settings by the name of the kind."""
    pki = Pki.create(directory / "pki")
    files = next(one for one in pki.signers if one.name == DOCTOR)
    with ExitStack() as stack:
        ready = {
            kind: stack.enter_context(running(kind, pki.directory, kind=Sandbox)).ready
            for kind in ("csc", "btrust", "vault")
        }
        yield {
            "file": {"file": str(files.pkcs12_file), "password_file": str(files.password_file)},
            "token (SoftHSM)": _on_token(pki, directory),
            "CSC": csc_settings(ready["csc"], DOCTOR),
            "B-Trust": btrust_settings(ready["btrust"], DOCTOR),
            "Vault": vault_settings(ready["vault"], DOCTOR),
        }


def _on_token(pki: Pki, directory: Path) -> Mapping[str, Any]:
    hsm = SoftHsm(install(), directory / "softhsm")
    (directory / "pin").write_text(PIN)
    authority = x509.load_pem_x509_certificate(pki.ca_file.read_bytes())
    held = credentials(pki)[DOCTOR]
    hsm.make_token("bench")
    hsm.store("bench", [StoredKey(Issued(held.certificate, held.key, (authority,)), "bench", b"\x01")])
    module = {"module": str(hsm.module), "environment": hsm.environment}
    return {"kind": "pkcs11", **module, "pin_file": str(directory / "pin")}


async def measure(
    settings: Mapping[str, Mapping[str, Any]], pki: Path, seconds: float
) -> dict[str, Measured]:
    """Return the median of each case; rounds take turns, so that a slow moment hits all alike."""
    validated = {name: _SETTINGS.validate_python(given) for name, given in settings.items()}
    signers = load_signers(validated, clock=lambda: datetime.now(UTC))
    rounds: dict[str, list[Measured]] = {}
    for one in signers.keys.values():
        await one.sign_digests([_digest()])  # connected, and logged in, before
    for _ in range(ROUNDS):
        rounds.setdefault(BARE, []).append(_bare(pki, seconds))
        for name, signer in signers.keys.items():
            for at_once in AT_ONCE:
                case = f"{name}, {at_once} at a time"
                rounds.setdefault(case, []).append(await _by(signer, at_once, seconds))
    await signers.close()
    return {name: sorted(seen, key=lambda one: one.wall_ms)[len(seen) // 2] for name, seen in rounds.items()}


def _bare(pki: Path, seconds: float) -> Measured:
    key, done, begun, cpu = credentials(Pki.load(pki))[DOCTOR].key, 0, time.perf_counter(), cpu_seconds(())
    while (elapsed := time.perf_counter() - begun) < seconds:
        SignatureAlgorithm.RSA_SHA256.sign(key, bytes(32))
        done += 1
    return _measured(done, elapsed, cpu_seconds(()) - cpu)


async def _by(signer: CheckedSigner, at_once: int, seconds: float) -> Measured:
    processes = getattr(signer._signer, "processes", ())
    begun, cpu = time.perf_counter(), cpu_seconds(processes)
    done = await asyncio.gather(*(_signing(signer, begun + seconds) for _ in range(at_once)))
    return _measured(sum(done), time.perf_counter() - begun, cpu_seconds(processes) - cpu)


async def _signing(signer: CheckedSigner, end: float) -> int:
    done = 0
    while time.perf_counter() < end:
        await signer.sign_digests([_digest()])
        done += 1
    return done


def _digest() -> bytes:
    return hashlib.sha256(str(next(_NUMBERS)).encode()).digest()


def _measured(done: int, elapsed: float, cpu: float) -> Measured:
    return Measured(done / elapsed, elapsed / done * 1000, cpu / done * 1000)


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    with tempfile.TemporaryDirectory() as place, settings_of_all(Path(place)) as settings:
        measured = asyncio.run(measure(settings, Path(place) / "pki", seconds))
    base = measured[BARE]
    print(f"{'signatures':<34}{'per s':>8}{'wall ms':>9}{'x RSA':>7}{'CPU ms':>8}{'x RSA':>7}")
    for case, one in measured.items():
        ratios = f"{one.wall_ms / base.wall_ms:>7.1f}{one.cpu_ms:>8.3f}{one.cpu_ms / base.cpu_ms:>7.1f}"
        print(f"{case:<34}{one.per_second:>8.0f}{one.wall_ms:>9.3f}{ratios}")
    print(json.dumps({case: asdict(one) for case, one in measured.items()}))


if __name__ == "__main__":
    main()
