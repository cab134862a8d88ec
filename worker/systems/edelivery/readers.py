"""What the answer to each event states, messages in steps apart. Pure and total; used by `interpret`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from contracts.edelivery.requests import (
    CheckProfiles,
    ListTemplates,
    ReadProfile,
    ReadTemplate,
    RegisterPassiveProfile,
    SearchProfile,
    ViewMessage,
)
from contracts.edelivery.results import (
    DeliveryStatus,
    MessageStatus,
    MessageViewed,
    Profile,
    RegisteredProfile,
    Template,
)
from worker.outcome import Accepted, Outcome, Rejected, StatedError
from worker.systems.edelivery.settings import Name
from worker.systems.ssev.response import (
    listed_message,
    message_fields,
    page_of,
    system_id,
    template_fields,
)
from worker.systems.stated import without_gaps
from worker.systems.typed import typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel

    from contracts.model import ContractModel
    from worker.systems.ssev.interpret import Reader

_MOST_TEMPLATES = 10_000


def reader_of(name: Name, data: BaseModel) -> Reader:
    """Return how the answer to an event is read."""
    match data:
        case SearchProfile() | ReadProfile():
            return partial(_profile, data)
        case CheckProfiles():
            return profiles
        case RegisterPassiveProfile():
            return _registered
        case ListTemplates():
            return partial(_template, data.template_id) if isinstance(data, ReadTemplate) else _templates
        case ViewMessage(message_id=one):
            return partial(_status if name is Name.STATUS else _viewed, one)
    return _messages


def absent_of(data: BaseModel) -> Outcome | None:
    """Return what it means that the system states that there is no such thing; None where it states something else."""
    match data:
        case SearchProfile() | ReadProfile():
            return Accepted({"found": False})
        case ReadTemplate(template_id=one):
            return _no_such("template", one, "$.data.templateId")
        case ViewMessage(message_id=one):
            return _no_such("message", one, "$.data.messageId")
    return None


def profiles(document: object) -> Outcome | None:
    """Read the profiles of a number."""
    return _list(document, "profiles", partial(_with_id, RegisteredProfile, "profileId"))


def _profile(data: SearchProfile | ReadProfile, document: object) -> Outcome | None:
    """Read one profile: the one that was asked for."""
    profile = _with_id(Profile, "profileId", document) if isinstance(document, dict) else None
    if profile is None:
        return None
    if isinstance(data, ReadProfile) and profile["profileId"] != data.profile_id:
        return None
    if isinstance(data, SearchProfile) and profile.get("identifier", data.identifier) != data.identifier:
        return None
    return Accepted({"found": True, "profile": profile})


def _registered(document: object) -> Outcome | None:
    found = system_id(document)
    return None if found is None else Accepted({"profileId": found}, reference=str(found))


def _templates(document: object) -> Outcome | None:
    if not isinstance(document, list) or len(document) > _MOST_TEMPLATES:
        return None
    read = [_with_id(Template, "templateId", one) if isinstance(one, dict) else None for one in document]
    return None if None in read else Accepted({"templates": read})


def _template(asked: int, document: object) -> Outcome | None:
    fields = template_fields(document)
    if fields is None or not isinstance(document, dict):
        return None
    template = _with_id(Template, "templateId", document)
    if template is None or template["templateId"] != asked:
        return None
    return Accepted({**template, "fields": fields})


def _messages(document: object) -> Outcome | None:
    return _list(document, "messages", listed_message)


def _status(asked: int, document: object) -> Outcome | None:
    recipients = _recipients(asked, document)
    if recipients is None or not isinstance(document, dict):
        return None
    return Accepted({**_members(MessageStatus, document), "recipients": recipients})


def _viewed(asked: int, document: object) -> Outcome | None:
    recipients = _recipients(asked, document)
    if recipients is None or not isinstance(document, dict):
        return None
    fields = message_fields(document)
    if fields is None:
        return None
    return Accepted({**_members(MessageViewed, document), "recipients": recipients, "fields": fields})


def _recipients(asked: int, document: object) -> list[dict[str, Any]] | None:
    """Return the recipients of the message that was asked for; a time of receipt that is null is "not yet"."""
    if not isinstance(document, dict) or system_id(document.get("messageId")) != asked:
        return None
    given = document.get("recipients")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        return None
    return [_recipient(one) for one in given]


def _recipient(one: Mapping[str, Any]) -> dict[str, Any]:
    name, received = (_text(one.get(member)) for member in ("name", "dateReceived"))
    status = DeliveryStatus.RECEIVED if received else DeliveryStatus.NOT_YET
    members = without_gaps(profileId=system_id(one.get("profileId")), name=name, dateReceived=received)
    return {**members, "status": status.value}


def _members(model: type[ContractModel], document: Mapping[str, Any]) -> dict[str, Any]:
    return typed(model, {name: one for name, one in document.items() if name not in {"recipients", "fields"}})


def _list(
    document: object, name: str, read: Callable[[Mapping[str, Any]], dict[str, Any] | None]
) -> Outcome | None:
    page = page_of(document)
    if page is None:
        return None
    entries = [read(one) for one in page.entries]
    return None if None in entries else Accepted({**without_gaps(total=page.total), name: entries})


def _with_id(model: type[ContractModel], name: str, document: Mapping[str, Any]) -> dict[str, Any] | None:
    found = typed(model, document)
    return None if system_id(found.get(name)) is None else found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _no_such(thing: str, number: int, path: str) -> Rejected:
    reason = f"the system has no {thing} {number} for this profile"
    return Rejected((StatedError(type="404", reason=reason, faulty_attribute=path),))
