"""The data of accepted replies: our reading of what the system stated.

Times are those of the system: the public server states its own local time, without an offset.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.edelivery.fields import SystemId
from contracts.files import FileReference
from contracts.model import ContractModel


class MessageSent(ContractModel):
    """The system took the message."""

    message_id: int
    """The system's own id of the message."""
    rnu: str | None = None
    """The reference number that the message was sent with. Absent where a person found it."""
    stated_rnu: str | None = None
    """The reference number that the system shows the message under, where a look-up found it under another one."""
    found_by_look_up: Literal[True] | None = None
    """True where the answer was lost, and the message was found in the outbox."""


class StatedMessage(BaseModel):
    """What a person must state who found the message in the system."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    message_id: Annotated[SystemId, Field(alias="messageId")]


class StatedProfile(BaseModel):
    """What a person must state who found the profile in the system."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    profile_id: Annotated[SystemId, Field(alias="profileId")]


class AddressOfProfile(ContractModel):
    """The address of a profile."""

    address_id: int | None = None
    """The system's own id of the address."""
    residence: str | None = None
    """The street with its number, or the whole address."""
    city: str | None = None
    """The town."""
    state: str | None = None
    """The municipality."""
    country_iso: str | None = None
    """The country's code."""


class Profile(ContractModel):
    """A profile as the system shows it; what it does not show is absent."""

    profile_id: int
    """The system's own id: messages are sent to it."""
    identifier: str | None = None
    """The number of whom it belongs to."""
    name: str | None = None
    """The name of the person or the organisation."""
    email: str | None = None
    """Its e-mail address."""
    phone: str | None = None
    """Its phone number."""
    address: AddressOfProfile | None = None
    """Its address."""


class RegisteredProfile(Profile):
    """A profile in one target group."""

    is_activated: bool | None = None
    """Whether it is active."""
    is_passive: bool | None = None
    """Whether it is passive; it says something of persons' profiles alone."""
    target_group_id: int | None = None
    """The target group."""
    target_group_name: str | None = None
    """The target group's name."""


class FoundProfile(ContractModel):
    """Whether there is such a profile, and the profile."""

    found: bool
    """Whether the system has one."""
    profile: Profile | None = None
    """The profile, where it has one."""


class FoundProfiles(ContractModel):
    """The profiles that belong to a number."""

    total: int | None = None
    """How many there are, as the system states it; absent where it does not."""
    profiles: tuple[RegisteredProfile, ...]
    """The profiles of this page."""


class ProfileRegistered(ContractModel):
    """The person has a profile."""

    profile_id: int
    """The system's own id of the profile."""
    already_exists: Literal[True] | None = None
    """True where the system had one before, or an answer was lost and a look-up showed it."""


class Template(ContractModel):
    """A template of messages."""

    template_id: int
    """The system's own id."""
    name: str | None = None
    """What the portal calls it."""
    identity_number: str | None = None
    """The template's number."""
    read: int | None = None
    """The least level of assurance for receiving its messages: 1 low, 2 medium, 3 high."""
    write: int | None = None
    """The least level of assurance for sending its messages."""
    response_template_id: int | None = None
    """The template of an answer to it."""


class Templates(ContractModel):
    """The templates that the profile has access to."""

    templates: tuple[Template, ...]
    """The templates, in the order that the system gives."""


class TemplateField(ContractModel):
    """One field of a template."""

    id: str
    """The field's id."""
    label: str | None = None
    """What the portal calls it."""
    type: str
    """Its type: `hidden`, `textfield`, `textarea`, `datetime`, `checkbox`, `select`, `file` or `markdown`."""
    is_encrypted: bool | None = None
    """Whether the system encrypts its values."""
    is_required: bool | None = None
    """Whether it must have a value."""


class TemplateRead(Template):
    """A template with its fields."""

    fields: tuple[TemplateField, ...]
    """Its fields, in the system's order."""


class Party(ContractModel):
    """A profile that sent a message."""

    profile_id: int | None = None
    """The system's own id of the profile."""
    name: str | None = None
    """Its name."""


class ReceivedFile(ContractModel):
    """One file of a message."""

    blob_id: int
    """The system's own id of the file."""
    name: str | None = None
    """Its name, as the sender gave it."""
    size: int | None = None
    """Bytes, as the system states them."""
    is_malicious: bool | None = None
    """Whether the system found malicious code in it; absent where it states nothing."""
    hash: str | None = None
    """The digest that the system states, as hexadecimal digits."""
    hash_algorithm: str | None = None
    """The algorithm of that digest."""
    document_registration_number: str | None = None
    """The number under which the document is registered."""
    file: FileReference | None = None
    """The file in Herald's store. Absent where it was not fetched: without a store, and of messages that were sent."""
    verified: bool | None = None
    """Whether its bytes have the digest that the system states; absent where it was not fetched, or where the digest
    is of another algorithm than SHA-256."""


class FieldContent(ContractModel):
    """The value of one field of a message."""

    id: str
    """The field, by its id in the template."""
    text: str | None = None
    """The value, where it is text."""
    checked: bool | None = None
    """The value, where it is true or false."""
    files: tuple[ReceivedFile, ...] | None = None
    """The value, where it is a list of files."""


class MessageOpened(ContractModel):
    """A received message with its content."""

    message_id: int
    """The system's own id of the message."""
    date_sent: str | None = None
    """When it was sent."""
    date_received: str | None = None
    """Since when it counts as received."""
    sender: Party | None = None
    """Whose profile sent it."""
    subject: str | None = None
    """Its subject."""
    rnu: str | None = None
    """The reference number of the service."""
    template_id: int | None = None
    """The template of its content."""
    forwarded_message_id: int | None = None
    """The message that was forwarded with it."""
    fields: tuple[FieldContent, ...]
    """The values of the template's fields."""


class DeliveryStatus(StrEnum):
    """Whether a recipient has opened a message. There is no status that says that it was refused."""

    RECEIVED = "received"
    NOT_YET = "not-yet"


class RecipientStatus(ContractModel):
    """One recipient of a message, and whether it was received."""

    profile_id: int | None = None
    """The system's own id of the recipient's profile."""
    name: str | None = None
    """The recipient's name."""
    status: DeliveryStatus
    """`received` where the system states a time of receipt; else `not-yet`."""
    date_received: str | None = None
    """Since when it counts as received by this recipient."""


class MessageStatus(ContractModel):
    """Who has received a message that was sent."""

    message_id: int
    """The system's own id of the message."""
    date_sent: str | None = None
    """When it was sent."""
    rnu: str | None = None
    """The reference number of the service."""
    recipients: tuple[RecipientStatus, ...]
    """The recipients, each with its status."""


class MessageViewed(MessageStatus):
    """A message that was sent, with its content."""

    subject: str | None = None
    """Its subject."""
    template_id: int | None = None
    """The template of its content."""
    forwarded_message_id: int | None = None
    """The message that was forwarded with it."""
    fields: tuple[FieldContent, ...]
    """The values of the template's fields; files without their content."""


class MessageHead(ContractModel):
    """What the inbox and the outbox state of a message, whether it was opened or not."""

    message_id: int
    """The system's own id of the message."""
    date_sent: str | None = None
    """When it was sent."""
    subject: str | None = None
    """Its subject."""
    sender_profile_name: str | None = None
    """Whose profile sent it."""
    sender_login_name: str | None = None
    """Who sent it."""
    recipient_profile_name: str | None = None
    """Whose inbox it is in."""
    url: str | None = None
    """Where the portal shows it."""
    rnu: str | None = None
    """The reference number of the service."""
    template_id: int | None = None
    """The template of its content."""


class ListedMessage(MessageHead):
    """One message in the inbox or the outbox."""

    date_received: str | None = None
    """Since when it counts as received; absent where it was not opened yet, and in the outbox."""
    recipient_login_name: str | None = None
    """Who opened it."""
    recipients: str | None = None
    """The names of the recipients, as the outbox states them."""


class ListedMessages(ContractModel):
    """A page of the inbox or the outbox."""

    total: int | None = None
    """How many messages there are, as the system states it; absent where it does not."""
    messages: tuple[ListedMessage, ...]
    """The messages of this page, as the system orders them."""
