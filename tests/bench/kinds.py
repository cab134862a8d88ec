"""The kinds of submissions that are measured: signed registrations at NHIS, and documents of any size for NHIF."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.support.systems.scene import event
from tests.support.worker.hospital import Event, register
from tests.support.worker.installation import (
    Installation,
    SystemInstallation,
    new_topics,
    signer_files,
)
from tests.support.worker.nhis import Nhis
from tests.support.worker.sandbox import Sandbox

DOCTOR = "dr-ivanova"
SERVICE = {"module": "pspsmi", "version": "v1.2", "service": "PBR001"}


@dataclass(frozen=True)
class Kind:
    """One kind of submission: its installation, and events without end."""

    installation: SystemInstallation
    make: Callable[[], Event]

    def events(self, number: int) -> list[Event]:
        """Make so many events, each of another patient."""
        return [self.make() for _ in range(number)]


def registrations(bootstrap: str, dsn: str, directory: Path, nhis: Nhis) -> Kind:
    """Registrations of immunizations at NHIS, each signed."""
    made, numbers = Installation.build(bootstrap, dsn, nhis, directory), count()
    return Kind(made, lambda: register(f"s-{next(numbers)}", made.patient()))


def documents(bootstrap: str, dsn: str, directory: Path, nhif: Sandbox, size: int) -> Kind:
    """Documents for NHIF of this many bytes, of content that no compression makes smaller."""
    signers = signer_files(nhif.ready["signers"][:1])
    section = {"api_url": nhif.url, "senders": [DOCTOR], "transport": {"ca_file": nhif.ca_file}}
    topics, numbers, chance = new_topics("nhif", bootstrap), count(), random.Random(size)

    def make() -> Event:
        content = base64.b64encode(chance.randbytes(size * 3 // 4)).decode()
        name = f"s-{next(numbers)}"
        return event(name, "nhif.document.submit.v1", DOCTOR, {**SERVICE, "json": {"content": content}})

    return Kind(SystemInstallation(bootstrap, topics, dsn, directory, nhif, signers, section), make)
