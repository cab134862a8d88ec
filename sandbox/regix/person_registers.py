"""What the registers of people answer: the population register of GRAO, by the values of an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sandbox.regix.people import MAN, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.regix.people import Person

Values: TypeAlias = "dict[str, Any]"
_BULGARIA = {"NationalityCode": "BG", "NationalityName": "България"}


def valid_person(asked: Mapping[str, str | None]) -> Values:
    """Return names, birth and death."""
    person = PEOPLE.get(asked["EGN"] or "")
    if person is None:
        return {}
    names = person.named("FirstName", "SurName", "FamilyName")
    return {**names, "BirthDate": person.born, "DeathDate": person.died}


def person_data(asked: Mapping[str, str | None]) -> Values:
    """Return all that the register has of a person."""
    person = PEOPLE.get(asked["EGN"] or "")
    if person is None:
        return {}
    fields = ("FirstName", "SurName", "FamilyName")
    return {
        "PersonNames": person.named(*fields),
        "Alias": "",
        "LatinNames": dict(zip(fields, person.latin, strict=True)),
        "ForeignNames": {},
        "Gender": person.gender,
        "EGN": person.egn,
        "BirthDate": person.born,
        "PlaceBirth": "с. Измислено",
        "Nationality": _BULGARIA,
        "DeathDate": person.died,
    }


def relations(asked: Mapping[str, str | None]) -> Values:
    """Return the relatives."""
    person = PEOPLE.get(asked["EGN"] or "")
    found = [] if person is None else [_relative(name, PEOPLE[egn]) for name, egn in person.relations]
    return {"PersonRelations": found}


def permanent_address(asked: Mapping[str, str | None]) -> Values:
    """Return the address on a day; nothing before the first one."""
    person = PEOPLE.get(asked["EGN"] or "")
    if person is None or not person.address or (asked["SearchDate"] or "") < person.address["FromDate"]:
        return {}
    return dict(person.address)


def temporary_address(asked: Mapping[str, str | None]) -> Values:
    """Return the temporary address on a day: here the permanent one, with its country."""
    found = permanent_address(asked)
    return {"CountryCode": "BG", "CountryName": "България", **found} if found else {}


def marital_status(asked: Mapping[str, str | None]) -> Values:
    """Return whether the person is married; the codes are invented."""
    person = PEOPLE.get(asked["EGN"] or "")
    if person is None:
        return {}
    return {
        "MaritalStatusCode": "2" if person.married else "1",
        "MaritalStatusName": "Женен/Омъжена" if person.married else "Неженен/Неомъжена",
        **person.named("FirstName", "MiddleName", "LastName"),
        "EGN": person.egn,
        "Gender": "1" if person.gender is MAN else "2",
        "ReportDate": "1899-12-31T12:00:00+02:00",
    }


def _relative(relation: str, person: Person) -> Values:
    return {
        "RelationCode": relation,
        "EGN": person.egn,
        "BirthDate": person.born,
        **person.named("FirstName", "SurName", "FamilyName"),
        "Gender": person.gender,
        "Nationality": _BULGARIA,
        "DeathDate": person.died,
    }
