"""The register's ledger: the truth that tests compare a client's view with.

A patient is here the SHA-256, hexadecimal, of ``<system>|<value>``; whole resources, which searches must find, are
in the store beside it and never shown by it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.erx.reading import text_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sandbox.erx.naming import LineName


def pseudonym(patient: Mapping[str, Any]) -> str:
    """Return how the ledger names the patient."""
    system, value = text_at(patient, "identifier", 0, "system"), text_at(patient, "identifier", 0, "value")
    return hashlib.sha256(f"{system}|{value}".encode("utf-8", "replace")).hexdigest()


@dataclass(slots=True)
class Prescription:
    """One prescription; ``stem`` is what its barcodes begin with, ``versions`` those of its lines by reference."""

    stem: str
    category: str
    username: str
    patient: str
    created_at: datetime
    written_at: list[datetime] = field(default_factory=list)
    internal_ids: list[str] = field(default_factory=list)
    barcodes: list[str] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    dispensed: list[str] = field(default_factory=list)
    seq: int = 0

    def keep(self, names: Iterable[LineName]) -> None:
        """Add the names of its lines to those that they had before."""
        for name in names:
            if name.internal_id not in self.internal_ids:
                self.internal_ids.append(name.internal_id)
            if name.barcode not in self.barcodes:
                self.barcodes.append(name.barcode)

    def shown(self) -> dict[str, Any]:
        """Return the ledger's line of it, ready for JSON."""
        return {
            "seq": self.seq,
            "internalIds": self.internal_ids,
            "barcodes": self.barcodes,
            "category": self.category,
            "user": self.username,
            "patient": self.patient,
            "version": max(self.versions.values(), default=0),
            "versions": dict(self.versions),
            "written": len(self.written_at),
            "created_at": self.created_at.isoformat(),
            "written_at": [moment.isoformat() for moment in self.written_at],
            "dispensed": list(self.dispensed),
        }


class Ledger:
    """Prescriptions in order, found again by the keys of their identity; and counts of what was only read."""

    def __init__(self) -> None:
        self.prescriptions: list[Prescription] = []
        self.reads: Counter[str] = Counter()
        self._by_key: dict[str, Prescription] = {}

    def known(self, keys: Iterable[str]) -> Prescription | None:
        """Return the prescription that has one of these keys."""
        return next((self._by_key[key] for key in keys if key in self._by_key), None)

    def add(self, prescription: Prescription) -> None:
        """Keep a new prescription."""
        prescription.seq = len(self.prescriptions) + 1
        self.prescriptions.append(prescription)

    def name(self, keys: Iterable[str], prescription: Prescription) -> None:
        """Let the prescription be found by these keys; a key of another prescription stays with that one."""
        for key in keys:
            self._by_key.setdefault(key, prescription)

    def with_barcode(self, barcode: str) -> Prescription | None:
        """Return the prescription with this barcode."""
        return next((one for one in self.prescriptions if barcode in one.barcodes), None)

    def shown(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {"prescriptions": [one.shown() for one in self.prescriptions], "reads": dict(self.reads)}
