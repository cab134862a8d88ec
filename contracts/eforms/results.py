"""The data of accepted replies."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.eforms.fields import MessageId
from contracts.model import ContractModel


class ResponseSent(ContractModel):
    """eDelivery took the message with the answer."""

    message_id: int
    """The message's number in eDelivery."""
    rnu: str
    """The reference number that the message was sent with."""
    stated_rnu: str | None = None
    """The reference number that eDelivery shows the message under, where a look-up found it under another one."""
    found_by_look_up: Literal[True] | None = None
    """True where an answer was lost, and the message was found in the outbox."""


class StatedResponse(BaseModel):
    """What a person must state who found the message in eDelivery."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    message_id: Annotated[MessageId, Field(alias="messageId")]


class CaseMessageTaken(ContractModel):
    """The case took the message."""

    stated: str | None = None
    """What eForms says of it, in its own words."""
