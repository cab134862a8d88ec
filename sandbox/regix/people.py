"""The people whom the registers know.

All are invented: their EGN are of births in 1800-1899, with right check digits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MAN, WOMAN = {"GenderCode": "1", "GenderName": "Мъж"}, {"GenderCode": "2", "GenderName": "Жена"}


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person; names are given name, father's name, family name, in Cyrillic and in Latin."""

    egn: str
    names: tuple[str, str, str]
    latin: tuple[str, str, str]
    gender: Mapping[str, str]
    born: str
    died: str | None = None
    married: bool = False
    relations: tuple[tuple[str, str], ...] = ()
    """Pairs of the relation's name and the EGN of the other one."""
    records: int = 0
    """How many stays, prescriptions, decisions and sick notes the registers of health have."""
    address: Mapping[str, str] = field(default_factory=dict)

    def named(self, first: str, middle: str, last: str) -> dict[str, str]:
        """Return the names under these element names."""
        return dict(zip((first, middle, last), self.names, strict=True))


_ADDRESS = {
    "DistrictCode": "99",
    "DistrictName": "Измислена област",
    "MunicipalityCode": "9999",
    "MunicipalityName": "Измислена община",
    "SettlementCode": "99999",
    "SettlementName": "с. Измислено",
    "LocationCode": "00001",
    "LocationName": "ул. Измислена",
    "BuildingNumber": "1",
    "Entrance": "А",
    "Floor": "2",
    "Apartment": "3",
    "FromDate": "1890-01-01",
}
_PEOPLE = (
    Person(
        "5523057017",
        ("Измислена", "Примерова", "Иванова"),
        ("Izmislena", "Primerova", "Ivanova"),
        WOMAN,
        "1855-03-05",
        married=True,
        relations=(("Баща", "3128021127"), ("Син", "8223091063")),
        records=2,
        address=_ADDRESS,
    ),
    Person(
        "5826144029",
        ("Измислен", "Примеров", "Петров"),
        ("Izmislen", "Primerov", "Petrov"),
        MAN,
        "1858-06-14",
        married=True,
        relations=(("Син", "8223091063"),),
        records=1,
        address=_ADDRESS,
    ),
    Person(
        "3128021127",
        ("Измислен", "Стар", "Иванов"),
        ("Izmislen", "Star", "Ivanov"),
        MAN,
        "1831-08-02",
        died="1899-11-30",
        relations=(("Дъщеря", "5523057017"),),
    ),
    Person(
        "8223091063",
        ("Измислен", "Младов", "Петров"),
        ("Izmislen", "Mladov", "Petrov"),
        MAN,
        "1882-03-09",
        relations=(("Майка", "5523057017"), ("Баща", "5826144029")),
        address=_ADDRESS,
    ),
)
PEOPLE: Mapping[str, Person] = {person.egn: person for person in _PEOPLE}


def other_than(egn: str | None) -> str:
    """Return the EGN of somebody else: whose answer the fault `wrong-answer` gives."""
    return next(person.egn for person in reversed(_PEOPLE) if person.egn != egn)
