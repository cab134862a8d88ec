"""Who calls: `Dp-Miscinfo` is read leniently, and names a profile, perhaps another one that it acts for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.edelivery.answers import Refused

if TYPE_CHECKING:
    from sandbox.edelivery.people import Profile, Profiles

_UNAUTHORIZED, _FORBIDDEN = 401, 403
_PARTS = 4
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Caller:
    """The profile of the ESB's user, and the one that it acts for, if any."""

    own: Profile
    represented: Profile | None = None

    def acting(self, *, on_behalf: bool) -> Profile:
        """Return the profile in whose name the call acts. Raises Refused (403)."""
        if not on_behalf:
            return self.own
        if self.represented is None or not self.own.on_behalf:
            raise Refused(_FORBIDDEN)
        return self.represented


def caller_of(miscinfo: str | None, profiles: Profiles) -> Caller:
    """Return who calls. Raises Refused (401), as well for a person or an operator that is not known."""
    parts = [one for one in (miscinfo or "").split("|") if one]
    names = parts[0].split("/") if parts else []
    oid = _named(names, "st=oid", ":")
    client_id = _named(names, "cn=", "=")
    if len(parts) < _PARTS or oid is None or client_id is None:
        raise Refused(_UNAUTHORIZED)
    own = profiles.of_esb(oid, client_id)
    if own is None:
        raise Refused(_UNAUTHORIZED)
    digits = _DIGITS.search(_value(parts[1]))
    if digits is None:
        return Caller(own)
    return Caller(own, _represented(profiles, digits.group(), _value(parts[3])))


def _represented(profiles: Profiles, identifier: str, operator: str) -> Profile:
    for one in profiles.with_identifier(identifier):
        if one.activated or one.passive:
            if operator and operator not in {identifier, *one.operators}:
                raise Refused(_UNAUTHORIZED)
            return one
    raise Refused(_UNAUTHORIZED)


def _named(names: list[str], start: str, separator: str) -> str | None:
    found = next((one for one in names if one.lower().startswith(start)), None)
    return None if found is None else found.rpartition(separator)[2].strip()


def _value(part: str) -> str:
    return part.rpartition(":")[2].strip()
