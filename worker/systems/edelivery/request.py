"""From an event to the one request that it is, messages in steps apart. Pure.

Confirmed by the interface's page (version 0.6).
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.edelivery.requests import (
    CheckProfiles,
    ListMessages,
    ListTemplates,
    ReadProfile,
    ReadTemplate,
    RegisterPassiveProfile,
    SearchProfile,
    ViewMessage,
)
from worker.systems.edelivery.settings import Name
from worker.systems.ssev.requests import Request

if TYPE_CHECKING:
    from pydantic import BaseModel

    from worker.systems.ssev.addresses import Addresses

_A_DAY = timedelta(days=1)
PROFILES_READ = 100
"""How many profiles of a number a look-up reads: each number has few, one for each target group."""


def request_of(name: Name, data: BaseModel, addresses: Addresses) -> Request:
    """Return the request of an event. Raises TypeError for one that is made in steps."""
    match data:
        case RegisterPassiveProfile():
            return Request(addresses.of("/profiles/passive-individual"), "POST", registration(data))
        case ListMessages():
            return Request(_list(name, data, addresses))
        case ReadTemplate():
            path, on_behalf = f"/templates/{data.template_id}", data.on_behalf_of is not None
            return Request(addresses.of(path, on_behalf=on_behalf))
        case ListTemplates():
            return Request(addresses.of("/templates", on_behalf=data.on_behalf_of is not None))
        case ViewMessage():
            return Request(addresses.of(f"/messages/{data.message_id}/view"))
    return Request(_profile(data, addresses))


def registration(data: RegisterPassiveProfile) -> bytes:
    """Return a passive registration as the system takes it."""
    message = data.model_dump(mode="json", by_alias=True, exclude_none=True)
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def profiles_of(identifier: str, addresses: Addresses) -> Request:
    """Return the question for the profiles of a number."""
    return Request(_profiles(identifier, 0, PROFILES_READ, addresses))


def _list(name: Name, data: ListMessages, addresses: Addresses) -> str:
    """Return the address of a list; the interface reads its last day as the beginning of that day (confirmed)."""
    return addresses.of(
        "/messages/inbox" if name is Name.INBOX else "/messages/outbox",
        on_behalf=data.on_behalf_of is not None,
        from_=None if data.sent_from is None else data.sent_from.isoformat(),
        to=None if data.sent_to is None else (data.sent_to + _A_DAY).isoformat(),
        templateId=data.template_id,
        offset=data.offset,
        limit=data.limit,
    )


def _profiles(identifier: str, offset: int, limit: int, addresses: Addresses) -> str:
    return addresses.of("/profiles/check", identifier=identifier, offset=offset, limit=limit)


def _profile(data: BaseModel, addresses: Addresses) -> str:
    match data:
        case SearchProfile():
            return addresses.of(
                "/profiles/search",
                on_behalf=data.on_behalf_of is not None,
                identifier=data.identifier,
                templateId=data.template_id,
                targetGroupId=data.target_group_id,
            )
        case CheckProfiles():
            return _profiles(data.identifier, data.offset, data.limit, addresses)
        case ReadProfile():
            return addresses.of(f"/profiles/{data.profile_id}")
    raise TypeError(type(data).__name__)
