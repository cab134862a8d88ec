"""The settings of the eDelivery package. What its sources leave open is a setting (docs/systems/edelivery.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from worker.setting_types import SettingsModel, must_be
from worker.systems.ssev.settings import SsevSettings

WatchName = Annotated[str, must_be(r"[a-z0-9][a-z0-9_-]{0,63}", "at most 64 small letters, digits and - _")]
ActingName = Annotated[
    str, must_be(r"[A-Za-z0-9._-]{1,100}", "a name of at most 100 letters a-z, digits and . _ -")
]


class Name(StrEnum):
    """The operations' names, as replies and settings say them."""

    PROFILE_SEARCH = "profile.search"
    PROFILE_CHECK = "profile.check"
    PROFILE_READ = "profile.read"
    REGISTER_PASSIVE = "profile.register-passive"
    TEMPLATE_LIST = "template.list"
    TEMPLATE_READ = "template.read"
    SEND = "message.send"
    SEND_ON_BEHALF = "message.send-on-behalf"
    OPEN = "message.open"
    VIEW = "message.view"
    STATUS = "message.status"
    INBOX = "inbox.list"
    OUTBOX = "outbox.list"


class InboxWatch(SettingsModel):
    """One inbox that Herald looks into. Looking is no receipt: nothing is opened."""

    signer: str
    """Whose inbox it is: one of `senders`."""
    on_behalf_of: ActingName | None = None
    """The inbox of somebody whom the signer represents, by the name in `esb.acting.<signer>`. Herald can only tell that
    a message arrived there: the interface opens no message on behalf of another profile (confirmed)."""
    seconds: Annotated[float, Field(ge=5, le=86400)] = 60.0
    """How long Herald waits between two looks. A push notification of the system makes it look at once."""
    template_id: Annotated[int, Field(ge=1)] | None = None
    """Only messages of this template."""


class InboxSettings(SettingsModel):
    """How inboxes are read."""

    page_size: Annotated[int, Field(ge=10, le=1000)] = 100
    """How many messages one request lists."""
    pages_per_look: Annotated[int, Field(ge=1, le=50)] = 5
    """How many pages one look reads at most; the next one goes on at once."""
    first_days: Annotated[int, Field(ge=0, le=3660)] = 7
    """How many days before its first look Herald begins: messages that were sent earlier are not published."""
    overlap_days: Annotated[int, Field(ge=1, le=366)] = 3
    """How many days every look reads again, as a message may show late. Each message is published once all the same."""


class EdeliverySettings(SsevSettings):
    """Everything about eDelivery: who uses it, which inboxes are watched, and what is only inferred of it."""

    watches: dict[WatchName, InboxWatch] = Field(default_factory=dict)
    """The inboxes that Herald looks into, by names that appear in their notifications."""
    inbox: InboxSettings = InboxSettings()
    """How these inboxes are read."""

    @model_validator(mode="after")
    def _watches_are_of_senders(self) -> Self:
        strangers = sorted(name for name, one in self.watches.items() if one.signer not in self.senders)
        if strangers:
            raise ValueError(
                f"watches: the signer of each must be one of senders; see {', '.join(strangers)}"
            )
        return self
