"""The operations on profiles, groups, countries and templates."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sandbox.edelivery.answers import Refused, answered, invalid
from sandbox.edelivery.boxes import Page, whole
from sandbox.edelivery.identifiers import is_person
from sandbox.edelivery.people import COUNTRIES, MAY_SEND_TO, PERSON, TARGET_GROUPS, Profile
from sandbox.edelivery.templates import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sandbox.edelivery.people import Profiles
    from sandbox.edelivery.templates import Template
    from sandbox.esb.backend import Call
    from sandbox.stand_in import Answer

_FORBIDDEN, _NOT_FOUND = 403, 404
_NAMES = ("firstName", "middleName", "lastName")


class Registers:
    """What eDelivery knows beside messages and files."""

    def __init__(self, profiles: Profiles, now: Callable[[], datetime]) -> None:
        self._profiles = profiles
        self._now = now
        self.registrations: list[dict[str, Any]] = []

    def in_group(self, call: Call, own: Profile) -> Answer:
        """List the active profiles of a group. Raises Refused."""
        group = self._group(call, own)
        if not TARGET_GROUPS[group][1]:
            raise Refused(_FORBIDDEN)
        found = [one for one in self._profiles if one.group == group and one.activated]
        return _page(call, found, _summary)

    def read(self, profile_id: int) -> Answer:
        """Describe a profile. Raises Refused (404)."""
        profile = self._profiles.get(profile_id)
        if profile is None:
            raise Refused(_NOT_FOUND)
        return answered({**_summary(profile), "address": profile.address})

    def search(self, call: Call, own: Profile) -> Answer:
        """Find who can receive: an active profile of the group, or a passive person. Raises Refused."""
        identifier = _needed(call, "identifier")
        group, template_id = self._group(call, own), whole(call.query, "templateid")
        if template_id is not None and self.template_or_none(template_id) is None:
            raise Refused(_NOT_FOUND)
        for one in self._profiles.with_identifier(identifier):
            if one.group == group and (one.activated or (group == PERSON and one.passive)):
                return answered(_summary(one))
        raise Refused(_NOT_FOUND)

    def check(self, call: Call) -> Answer:
        """List all profiles of an identifier, active or not. Raises Refused (400)."""
        return _page(call, self._profiles.with_identifier(_needed(call, "identifier")), _registered)

    def register_passive(self, call: Call, own: Profile) -> Answer:
        """Register a person who will receive without an account of its own. Raises Refused (400)."""
        try:
            content = call.json()
        except ValueError:
            content = None
        if not isinstance(content, dict):
            raise invalid("", "A non-empty request body is required.")
        errors = self._errors(content)
        if errors:
            raise Refused(400, errors)
        name = " ".join(str(content[one]) for one in _NAMES)
        profile = Profile(
            self._profiles.next_id(),
            content["identifier"],
            name,
            PERSON,
            activated=False,
            passive=True,
            email=content["email"],
            phone=content["phone"],
            address={"addressId": 1, **content["address"]},
        )
        self._profiles.add(profile)
        hashed = hashlib.sha256(profile.identifier.encode()).hexdigest()
        line = {"profileId": profile.profile_id, "identifier_sha256": hashed, "byProfileId": own.profile_id}
        self.registrations.append({**line, "at": self._now().isoformat()})
        return answered(profile.profile_id, "registered")

    def groups(self) -> Answer:
        """List the groups."""
        return answered(
            [
                {"targetGroupId": group, "name": name, "canSelectRecipients": visible}
                for group, (name, visible) in TARGET_GROUPS.items()
            ]
        )

    def countries(self, call: Call) -> Answer:
        """List countries. Raises Refused (400)."""
        return _page(call, list(COUNTRIES), lambda one: {"iso": one[0], "name": one[1]})

    def templates(self) -> Answer:
        """List the templates that profiles may use."""
        return answered([one.summary() for one in TEMPLATES.values() if one.open])

    def template(self, template_id: int) -> Answer:
        """Describe a template with its fields. Raises Refused (403), for an unknown one too, as the source does."""
        found = self.template_or_none(template_id)
        if found is None:
            raise Refused(_FORBIDDEN)
        return answered(found.details())

    def template_or_none(self, template_id: int) -> Template | None:
        """Return a template that profiles may use."""
        found = TEMPLATES.get(template_id)
        return found if found is not None and found.open else None

    def _group(self, call: Call, own: Profile) -> int:
        try:
            group = int(call.query.get("targetgroupid", ""))
        except ValueError as error:
            raise Refused(_FORBIDDEN) from error
        if group not in MAY_SEND_TO.get(own.group, frozenset()):
            raise Refused(_FORBIDDEN)
        return group

    def _errors(self, content: Mapping[str, Any]) -> dict[str, list[str]]:
        errors: dict[str, list[str]] = {}
        identifier = content.get("identifier")
        if not isinstance(identifier, str) or not is_person(identifier):
            errors["Identifier"] = ["Identifier is not valid"]
        elif any(one.group == PERSON for one in self._profiles.with_identifier(identifier)):
            errors["Identifier"] = ["Can not duplicate individuals"]
        for name in _NAMES:
            if not isinstance(content.get(name), str) or not content[name].strip():
                errors[name[0].upper() + name[1:]] = [f"{name} is not valid"]
        if "@" not in str(content.get("email")):
            errors["Email"] = ["'Email' is not a valid email address."]
        if not isinstance(content.get("phone"), str):
            errors["Phone"] = ["'Phone' must not be empty."]
        address = content.get("address")
        if not isinstance(address, dict) or not address.get("residence"):
            errors["Address"] = ["'Address' must not be empty."]
        return errors


def _needed(call: Call, name: str) -> str:
    value = call.query.get(name, "")
    if not value:
        raise invalid(name, f"A value for the '{name}' parameter or property was not provided.")
    return value


def _page(call: Call, found: list[Any], shown: Callable[[Any], dict[str, Any]]) -> Answer:
    page = Page.read(call.query)
    return answered({"result": [shown(one) for one in page.of(found)], "length": len(found)})


def _summary(profile: Profile) -> dict[str, Any]:
    return {
        "profileId": profile.profile_id,
        "identifier": profile.identifier,
        "name": profile.name,
        "email": profile.email,
        "phone": profile.phone,
    }


def _registered(profile: Profile) -> dict[str, Any]:
    return {
        **_summary(profile),
        "address": profile.address,
        "isActivated": profile.activated,
        "isPassive": profile.passive,
        "targetGroupId": profile.group,
        "targetGroupName": TARGET_GROUPS[profile.group][0],
    }
