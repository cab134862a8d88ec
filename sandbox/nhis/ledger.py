"""The ledger of registrations, in memory: the truth that tests compare a client's view with.

No plain names or identifiers: a patient is the SHA-256 of ``<identifierType>:<identifier>``. The blocks of
the registered messages, which a search must return, are kept beside the ledger and never shown by it.
"""

from __future__ import annotations

import copy
import hashlib
import random
import string
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

ACTIVE = "1"
CANCELLED = "2"
_NRN_ALPHABET = string.digits + string.ascii_uppercase


def pseudonym(identifier_type: str, identifier: str) -> str:
    """Return how the ledger names a patient: SHA-256, hexadecimal, of ``<identifierType>:<identifier>``."""
    return hashlib.sha256(f"{identifier_type}:{identifier}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Blocks:
    """The parts of an I001 as they came, for I004."""

    immunization: etree._Element
    subject: etree._Element
    performer: etree._Element


@dataclass(slots=True)
class Registration:
    """One registered immunization; ``uin`` sent it, ``titular`` and ``deputy`` are its performer's."""

    lrn: str
    uin: str
    titular: str
    deputy: str | None
    patient: str
    vaccine: str
    vaccine_group: str
    dose: int
    series_doses: int | None
    previous: str | None
    occurrence: date
    message_id: str
    created_at: datetime
    blocks: Blocks = field(repr=False)
    special_case: bool = False
    seq: int = 0
    patient_seq: int = 0
    nrn: str = ""
    status: str = ACTIVE
    uvci: str | None = None
    cancelled_at: datetime | None = None

    @property
    def completes_series(self) -> bool:
        """Whether this dose is the last one of the series that it states."""
        return self.series_doses is not None and self.dose >= self.series_doses

    def shown(self) -> dict[str, Any]:
        """Return the ledger's line of it, ready for JSON."""
        return {
            "seq": self.seq,
            "patient": self.patient,
            "patient_seq": self.patient_seq,
            "lrn": self.lrn,
            "nrn": self.nrn,
            "uin": self.uin,
            "vaccineCode": self.vaccine,
            "doseNumber": self.dose,
            "occurrence": self.occurrence.isoformat(),
            "status": self.status,
            "uvci": self.uvci,
            "created_at": self.created_at.isoformat(),
            "cancelled_at": self.cancelled_at.isoformat() if self.cancelled_at else None,
            "messageId": self.message_id,
        }


@dataclass(frozen=True, slots=True)
class Reaction:
    """One registered adverse reaction."""

    seq: int
    nrn: str
    uin: str
    start_date: str
    messageId: str  # noqa: N815 - spelt as NHIS spells it, and shown so
    created_at: str


@dataclass(frozen=True, slots=True)
class Cancellation:
    """One cancellation that succeeded."""

    seq: int
    nrn: str
    uin: str
    messageId: str  # noqa: N815 - as above
    cancelled_at: str


def _numbered(block: etree._Element, number: str) -> etree._Element:
    shown = copy.deepcopy(block)
    element = shown.makeelement(f"{{{etree.QName(block).namespace}}}nrnReaction", {"value": number})
    shown.insert(0, element)
    return shown


class Ledger:
    """Registrations, reactions and cancellations, each in order."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Forget everything, message ids included; NRNs start again as the seed says."""
        self._random = random.Random(self._seed)  # noqa: S311 - numbers of records, not secrets
        self.registrations: list[Registration] = []
        self.reactions: list[Reaction] = []
        self.reaction_blocks: defaultdict[str, list[etree._Element]] = defaultdict(list)
        self.cancellations: list[Cancellation] = []
        self.message_ids: set[str] = set()
        self._by_nrn: dict[str, Registration] = {}
        self._by_lrn: dict[tuple[str, str], Registration] = {}
        self._by_patient: defaultdict[str, list[Registration]] = defaultdict(list)

    def register(self, registration: Registration) -> Registration:
        """Give the registration its numbers (seq, NRN, certificate number if it completes a series)."""
        registration.seq = len(self.registrations) + 1
        registration.patient_seq = len(self._by_patient[registration.patient]) + 1
        registration.nrn = self._new_nrn(registration.created_at)
        if registration.completes_series:
            registration.uvci = f"01/BG/{registration.nrn}"
        self.registrations.append(registration)
        self._by_nrn[registration.nrn] = registration
        self._by_patient[registration.patient].append(registration)
        self._by_lrn[(registration.uin, registration.lrn)] = registration
        return registration

    def cancel(self, registration: Registration, uin: str, message_id: str, now: datetime) -> None:
        """Make the registration invalid (CL039 2)."""
        registration.status = CANCELLED
        registration.cancelled_at = now
        seq = len(self.cancellations) + 1
        self.cancellations.append(Cancellation(seq, registration.nrn, uin, message_id, now.isoformat()))

    def react(
        self,
        nrn: str,
        uin: str,
        start_date: str,
        message_id: str,
        now: datetime,
        *,
        block: etree._Element | None = None,
    ) -> str:
        """Register an adverse reaction to an immunization and return its number; a search shows that and ``block``."""
        seq = len(self.reactions) + 1
        number = f"{now:%y%m%d}R{seq:05}"
        if block is not None:
            self.reaction_blocks[nrn].append(_numbered(block, number))
        self.reactions.append(Reaction(seq, nrn, uin, start_date, message_id, now.isoformat()))
        return number

    def by_nrn(self, nrn: str | None) -> Registration | None:
        """Return the registration with this NRN."""
        return self._by_nrn.get(nrn) if nrn else None

    def by_lrn(self, uin: str, lrn: str) -> Registration | None:
        """Return the registration that this UIN sent under this LRN."""
        return self._by_lrn.get((uin, lrn))

    def by_uvci(self, uvci: str) -> Registration | None:
        """Return the registration with this certificate number."""
        return next((item for item in self.registrations if item.uvci == uvci), None)

    def of_patient(self, patient: str) -> Sequence[Registration]:
        """Return the patient's registrations in order, cancelled ones too."""
        return tuple(self._by_patient.get(patient, ()))

    def shown(self) -> dict[str, Any]:
        """Return the whole ledger, ready for JSON."""
        return {
            "registrations": [item.shown() for item in self.registrations],
            "reactions": [asdict(item) for item in self.reactions],
            "cancellations": [asdict(item) for item in self.cancellations],
        }

    def _new_nrn(self, now: datetime) -> str:
        while True:
            nrn = f"{now:%y%m%d}" + "".join(self._random.choices(_NRN_ALPHABET, k=6))
            if nrn not in self._by_nrn:
                return nrn
