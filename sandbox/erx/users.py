"""The register's users: an administrator and two doctors from the start, and those that are registered."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ADMIN = "ROLE_ADMIN"
MEDIC = "ROLE_MEDIC"
_FIRST_NEW_ID = 88  # the documents' example of a user
_IDS_OF_ONE = 3  # the user, the authority, the property: numbered in one row, as in the documents


@dataclass(frozen=True, slots=True)
class User:
    """One user; ``organization`` and ``location`` are references to what registering made in the FHIR server."""

    id: int
    username: str
    password: str = field(repr=False)
    authority: str = MEDIC
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    dh_id: str = ""
    organization_name: str = ""
    has_role: bool = True
    """Whether the FHIR server has the user's PractitionerRole; a registration may fail before it is written."""

    @property
    def organization(self) -> str:
        """The reference to the user's organization."""
        return f"Organization/{self.id + 1000}"

    @property
    def location(self) -> str:
        """The reference to the organization's place."""
        return f"Location/{self.id + 2000}"

    def shown(self) -> dict[str, Any]:
        """Return what `/user/me` and a registration say; a name or an e-mail that was not given is left out."""
        given = {"FirstName": self.first_name, "LastName": self.last_name}
        authority = {"Id": self.id + 1, "Authority": self.authority, "Client": "1"}
        role = {"Id": self.id + 2, "Key": "roleId", "Value": f"PractitionerRole/{self.id + 3000}/_history/1"}
        return {
            "Id": self.id,
            **{name: value for name, value in given.items() if value is not None},
            "Enabled": True,
            "Username": self.username,
            **({"Email": self.email} if self.email is not None else {}),
            "EmailVerified": False,
            "Acknowledged": False,
            "Authorities": [authority],
            "Properties": [role] if self.authority == MEDIC and self.has_role else [],
            "Provider": "local",
        }


TEST_USERS = (
    User(57, "erx-admin", "test-password-of-the-admin", ADMIN, "Тест", "Администратор", "admin@erx.example"),
    User(
        60, "dr-ivanova", "test-password-of-ivanova", MEDIC, "Мария", "Иванова", "ivanova@erx.example",
        "2200000011", "Тестова практика 1",
    ),
    User(
        64, "dr-petrov", "test-password-of-petrov", MEDIC, "Петър", "Петров", "petrov@erx.example",
        "2200000022", "Тестова практика 2",
    ),
)  # fmt: skip
"""Invented people with passwords that are no secret: values for tests and the demo, good nowhere else."""


class Users:
    """The users that may log in; `registered` has the names of those that were not given from the start."""

    def __init__(self, users: Iterable[User]) -> None:
        self._by_name = {user.username: user for user in users}
        highest = max((user.id + _IDS_OF_ONE for user in self._by_name.values()), default=0)
        self._next_id = max(_FIRST_NEW_ID, highest)
        self.registered: list[User] = []

    def with_password(self, username: str, password: str) -> User | None:
        """Return the user whose name and password these are."""
        user = self._by_name.get(username)
        known = (user.password if user else "").encode()
        equal = hmac.compare_digest(known, password.encode("utf-8", "replace"))
        return user if equal else None

    def taken(self, wanted: User) -> tuple[str, str] | None:
        """Return the unique column, and its value, that another user has already."""
        if wanted.username in self._by_name:
            return "username", wanted.username
        emails = {user.email for user in self._by_name.values() if user.email is not None}
        if wanted.email in emails:
            return "email", str(wanted.email)
        return None

    def add(self, wanted: User) -> User:
        """Register the user under the next id."""
        user = replace(wanted, id=self._next_id)
        self._next_id += _IDS_OF_ONE
        self._by_name[user.username] = user
        self.registered.append(user)
        return user


def shown_registration(user: User) -> Mapping[str, Any]:
    """Return the ledger's line of a registration."""
    return {
        "id": user.id,
        "username": user.username,
        "dhId": user.dh_id,
        "organization": user.organization_name,
    }
