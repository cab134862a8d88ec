"""The profiles of the start, all invented: nobody's identifier is one of a person alive."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.esb.clients import BRANCH_OID, CLINIC_OID, HOSPITAL_OID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PERSON, COMPANY, ADMINISTRATION, ORGANISATION, MARINE = 1, 2, 3, 4, 5
TARGET_GROUPS = {
    PERSON: ("Физически лица", False),
    COMPANY: ("Юридически лица", True),
    ADMINISTRATION: ("Администрации", True),
    ORGANISATION: ("Лица по чл. 1, ал. 2", True),
    MARINE: ("Морска администрация", False),
}
"""Names, which are invented, and whether a profile's list can be seen."""
MAY_SEND_TO = {
    ADMINISTRATION: frozenset({PERSON, COMPANY, ADMINISTRATION, ORGANISATION}),
    COMPANY: frozenset({ADMINISTRATION, ORGANISATION}),
    ORGANISATION: frozenset({PERSON, COMPANY, ADMINISTRATION, ORGANISATION}),
    PERSON: frozenset({ADMINISTRATION, ORGANISATION}),
}
"""Which groups a profile of a group may send to; invented."""
COUNTRIES = (("BG", "България"), ("DE", "Германия"), ("GR", "Гърция"), ("RO", "Румъния"))
HOSPITAL, BRANCH, CLINIC, CITIZEN, PASSIVE, MUNICIPALITY, CLOSED = 101, 102, 103, 201, 202, 301, 302


@dataclass(slots=True)
class Profile:
    """One profile; its login has the number of the profile plus 1000. ``esb``: OID and CN of its ESB user."""

    profile_id: int
    identifier: str = field(repr=False)
    name: str = field(repr=False)
    group: int
    esb: tuple[str, str] | None = None
    on_behalf: bool = False
    """Whether its ESB user may act for others."""
    activated: bool = True
    passive: bool = False
    operators: tuple[str, ...] = field(default=(), repr=False)
    """Identifiers of persons who have a login at it, beside its own."""
    email: str = field(default="nobody@profile.invalid", repr=False)
    phone: str = field(default="000000000", repr=False)
    address: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def login_id(self) -> int:
        """Its only login."""
        return self.profile_id + 1000

    @property
    def login_name(self) -> str:
        """The name of its login."""
        return f"{self.name} (система)" if self.esb else self.name


def _first() -> tuple[Profile, ...]:
    hospital, clinic = "his.hospital.invalid", "his.clinic.invalid"
    return (
        Profile(
            HOSPITAL, "999000101", "Измислена болница", ORGANISATION, (HOSPITAL_OID, hospital), on_behalf=True
        ),
        Profile(BRANCH, "999000102", "Клон на измислена болница", ORGANISATION, (BRANCH_OID, hospital)),
        Profile(CLINIC, "999000103", "Измислена поликлиника", COMPANY, (CLINIC_OID, clinic)),
        Profile(CITIZEN, "5523056031", "Измислена Петрова Иванова", PERSON),
        Profile(PASSIVE, "6131127022", "Измислен Петров", PERSON, activated=False, passive=True),
        Profile(MUNICIPALITY, "999000301", "Измислена община", ADMINISTRATION, operators=("7024198015",)),
        Profile(CLOSED, "999000302", "Закрита измислена фирма", COMPANY, activated=False),
    )


class Profiles:
    """The profiles by their numbers."""

    def __init__(self) -> None:
        self._by_id = {one.profile_id: one for one in _first()}

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._by_id.values())

    def get(self, profile_id: Any) -> Profile | None:
        """Return the profile with this number."""
        return self._by_id.get(profile_id) if isinstance(profile_id, int) else None

    def with_identifier(self, identifier: str) -> list[Profile]:
        """Return the profiles with this identifier."""
        return [one for one in self if one.identifier == identifier]

    def of_esb(self, oid: str, client_id: str) -> Profile | None:
        """Return the profile whose ESB user this is, while it is active."""
        found = (one for one in self if one.activated and one.esb == (oid, client_id))
        return next(found, None)

    def add(self, profile: Profile) -> None:
        """Keep a new profile."""
        self._by_id[profile.profile_id] = profile

    def next_id(self) -> int:
        """Return the number of the next profile."""
        return max(self._by_id) + 1

    def can_receive(self, sender: Profile, recipients: Iterable[Any]) -> bool:
        """Whether all of these are profiles of groups that the sender's group may send to."""
        allowed = MAY_SEND_TO.get(sender.group, frozenset())
        found = [self.get(one) for one in recipients]
        return all(one is not None and one.group in allowed for one in found)
