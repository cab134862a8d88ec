"""What both workers are given: signers with their keys, events, topics, and the stand-in of NHIS."""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sandbox.authority import Doctor as Person
from sandbox.pki import Pki, SignerFiles
from tests.support.worker.hospital import Doctor, Event, Patient, register

INVENTED_PATIENTS = 30_000
"""Their days of birth stay in the 1800s, so that their numbers are nobody's alive."""
FULL = {
    "nhifVaccineCode": "11",
    "series": "Сезонна ваксинация",
    "doseQuantity": {"value": 0.5, "unit": "mL"},
    "lotNumber": "U3J71V-2026",
    "expirationDate": "2030-06-30",
    "bodySite": "1",
    "route": "IM",
    "booster": False,
    "note": "Без реакция след тридесет минути наблюдение.",
}
"""What makes a registration a message of 2 KB."""


@dataclass(frozen=True)
class Surroundings:
    """One run's certificates and stand-in; `events` go on where they stopped."""

    directory: Path
    url: str
    ca_file: Path
    signers: Sequence[SignerFiles]
    upstream_pid: int
    run: uuid.UUID = field(default_factory=uuid.uuid4)
    """Every id follows from it: a journal may outlive its surroundings. Ids are UUIDs, which are in no order."""
    _numbers: Iterator[int] = field(default_factory=count, repr=False)

    def events(self, number: int, *, keys: int = 1000) -> list[Event]:
        """Return so many registrations by all signers in turn, under so many Kafka keys."""
        return [self._event(next(self._numbers), keys) for _ in range(number)]

    def patient(self) -> Patient:
        """Return one more patient, of the next signer."""
        return self._patient(next(self._numbers))

    def _patient(self, number: int) -> Patient:
        signer = self.signers[number % len(self.signers)]
        return Patient(number % INVENTED_PATIENTS, Doctor(signer.name, signer.uin))

    def _event(self, number: int, keys: int) -> Event:
        patient = self._patient(number)
        made = register(str(uuid.uuid5(self.run, str(number))), patient, **FULL)
        return Event(made.id, f"p-{number % keys}".encode(), made.value, made.headers)


@contextmanager
def surroundings(
    directory: Path, *, signers: int = 20, latency_ms: float = 0, found_bytes: int = 0
) -> Iterator[Surroundings]:
    """Make keys and certificates, and run the stand-in, whose answers to searches have about so many bytes."""
    pki = Pki.create(directory / "pki", [_person(number) for number in range(signers)])
    command = [sys.executable, "-m", "tests.bench.contest.upstream", str(pki.directory)]
    command += [str(latency_ms), str(found_bytes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            url = f"https://127.0.0.1:{int(process.stdout.readline())}"
            yield Surroundings(directory, url, pki.ca_file, pki.signers, process.pid)
        finally:
            process.terminate()


def _person(number: int) -> Person:
    nobody = Patient(number, Doctor("", ""))
    return Person(f"dr-{number}", f"Измислен Лекар {number}", nobody.egn, f"23{number:08}")
