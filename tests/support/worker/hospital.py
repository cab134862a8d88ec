"""A hospital for tests of the whole worker: invented patients, and events as a HIS would publish them.

All patients were born in the 1800s (EGN month + 20), so their numbers are nobody's alive. Every event built
here is one that NHIS accepts, whatever else the patient has had: each dose is a whole series by itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

SOURCE = "/hospitals/test/his"
REGISTER, SEARCH, CANCEL = "immunization.register", "immunization.search", "immunization.cancel"
REACTION, CERTIFICATE = "adverse-reaction.register", "certificate.fetch"
OPERATIONS = (REGISTER, SEARCH, REACTION, CANCEL, CERTIFICATE)
STRUCTURED = (("content-type", b"application/cloudevents+json"),)

_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6)
_FIRST_BIRTH = date(1801, 1, 1)


@dataclass(frozen=True, slots=True)
class Doctor:
    """Who signs: the name under `signers`, and the UIN that goes with it."""

    signer: str
    uin: str


@dataclass(frozen=True, slots=True)
class Event:
    """A Kafka record to publish; `id` is the submission's, where it has one."""

    id: str
    key: bytes | None
    value: bytes | None = field(repr=False)
    headers: tuple[tuple[str, bytes | None], ...] = STRUCTURED


@dataclass(frozen=True, slots=True)
class Patient:
    """An invented patient and the doctor who treats them."""

    number: int
    doctor: Doctor
    given: str = "Измислен"
    family: str = "Пациентов"

    @property
    def born(self) -> date:
        return _FIRST_BIRTH + timedelta(days=self.number)

    @property
    def egn(self) -> str:
        """Month + 20 for the 1800s, an even ninth digit for a man, the check digit as the law computes it."""
        born = self.born
        digits = f"{born.year % 100:02}{born.month + 20:02}{born.day:02}110"
        return digits + str(sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11 % 10)

    @property
    def key(self) -> bytes:
        """The pseudonym that the hospital uses as the Kafka key."""
        return f"p-{self.number}".encode()

    @property
    def in_ledger(self) -> str:
        """How the sandbox's ledger names this patient."""
        return hashlib.sha256(f"1:{self.egn}".encode()).hexdigest()

    def data(self) -> dict[str, Any]:
        return {
            "identifierType": "egn",
            "identifier": self.egn,
            "birthDate": self.born.isoformat(),
            "gender": "male",
            "name": {"given": self.given, "family": self.family},
            "address": {"country": "BG", "county": "SOF", "ekatte": "68134", "city": "София"},
        }


def patients(doctors: tuple[Doctor, ...]) -> Iterator[Patient]:
    """Invent patients without end, for each doctor in turn."""
    return (Patient(number, doctors[number % len(doctors)]) for number in count())


def today() -> date:
    """The day where NHIS is."""
    return datetime.now(ZoneInfo("Europe/Sofia")).date()


def event(id: str, operation: str, patient: Patient, data: dict[str, Any], **attributes: Any) -> Event:  # noqa: A002 - the attribute's own name
    """Return a structured CloudEvent; `attributes` overrides what it says of itself."""
    document = {
        "specversion": "1.0",
        "id": id,
        "source": SOURCE,
        "type": f"nhis.{operation}.v1",
        "signer": patient.doctor.signer,
        "data": data,
        **attributes,
    }
    return Event(id, patient.key, json.dumps(document, ensure_ascii=False).encode())


def register(id: str, patient: Patient, **immunization: Any) -> Event:  # noqa: A002
    """Return an influenza dose that is a series by itself, which any number of others may follow."""
    return event(id, REGISTER, patient, registration(patient, **immunization))


def registration(patient: Patient, **immunization: Any) -> dict[str, Any]:
    """Return the data of `register`."""
    dose = {
        "occurrence": today().isoformat(),
        "targetDiseases": ["Z25.1"],
        "vaccineCode": "16568",
        "primarySource": True,
        "seriesDoses": 1,
        "doseNumber": 1,
        "specialCase": True,
        **immunization,
    }
    performer = {
        "uin": patient.doctor.uin,
        "role": "titular",
        "qualification": {"code": "1043", "nhifCode": "00"},
        "practiceNumber": "2201000001",
    }
    return {"patient": patient.data(), "performer": performer, "immunization": dose}


def about(id: str, operation: str, patient: Patient, nrn: str) -> Event:  # noqa: A002
    """Return an event of one of the operations that name an immunization by its NRN."""
    reaction = {"startDate": today().isoformat(), "description": "Болка на мястото на инжектиране"}
    more = {REACTION: {"reaction": reaction}, CANCEL: {"reason": "Въведена е грешна партида."}}
    return event(id, operation, patient, {"nrn": nrn, **more.get(operation, {})})
