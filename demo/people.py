"""Invented patients. No living person can have these numbers: all were born in the 1800s (EGN month + 20)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any

_WEIGHTS = (2, 4, 8, 5, 10, 9, 7, 3, 6)
_NAMES = (
    ("Измислен", "Първанов", "male"),
    ("Примерка", "Образцова", "female"),
    ("Тестомир", "Демов", "male"),
    ("Небивала", "Отколешна", "female"),
    ("Мнимко", "Хартиев", "male"),
    ("Книжка", "Страницова", "female"),
    ("Сценарий", "Ролев", "male"),
    ("Кулиса", "Завесова", "female"),
    ("Параван", "Декоров", "male"),
    ("Репетиция", "Премиерова", "female"),
    ("Суфльор", "Шепотов", "male"),
    ("Маска", "Гримова", "female"),
)


def egn(born: date, serial: int, *, male: bool) -> str:
    """Return the EGN of someone born in the 1800s: month + 20, even ninth digit for men, right check digit."""
    if not 1800 <= born.year <= 1899:  # noqa: PLR2004  # a century
        raise ValueError("only births of the 1800s are certain to be nobody's")
    digits = f"{born.year % 100:02}{born.month + 20:02}{born.day:02}{serial:02}{0 if male else 1}"
    return digits + str(sum(int(d) * w for d, w in zip(digits, _WEIGHTS, strict=True)) % 11 % 10)


@dataclass(frozen=True, slots=True)
class Patient:
    """An invented patient."""

    born: date = field(repr=False)
    gender: str
    egn: str = field(repr=False)
    given: str = field(repr=False)
    family: str = field(repr=False)

    @property
    def pseudonym(self) -> str:
        """The name of the patient in Kafka, in the demo's table and in logs."""
        return "patient-" + hashlib.sha256(self.egn.encode()).hexdigest()[:8]

    def data(self) -> dict[str, Any]:
        """Return the patient as an event gives it."""
        return {
            "identifierType": "egn",
            "identifier": self.egn,
            "birthDate": self.born.isoformat(),
            "gender": self.gender,
            "name": {"given": self.given, "family": self.family},
            "address": {"country": "BG", "county": "SOF", "ekatte": "68134", "city": "София"},
        }


def patients() -> tuple[Patient, ...]:
    """Return the dozen patients of the demo, the same at every run."""
    people = []
    for index, (given, family, gender) in enumerate(_NAMES):
        born = date(1850 + index * 3, index + 1, 10 + index)
        people.append(Patient(born, gender, egn(born, 10 + index, male=gender == "male"), given, family))
    return tuple(people)
