"""What a hospital asks of eDelivery. Each field names the member of the system's own message that it becomes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.edelivery.fields import (
    MOST_FIELDS,
    MOST_FILES,
    ActingName,
    Checked,
    CountryCode,
    FieldId,
    FieldText,
    FileName,
    InlineContent,
    Limit,
    MediaType,
    Offset,
    PersonName,
    Phone,
    ProfileIdentifier,
    RecipientIds,
    Subject,
    SystemId,
)
from contracts.fields import Day, Email, Line, at_most
from contracts.files import UploadedFile
from contracts.model import ContractModel, ways

FILE_WAYS = ("uploaded", "content")
"""How a file is given; exactly one of them."""
FIELD_WAYS = ("text", "checked", "files")
"""How a field has its value; exactly one of them."""


class MessageFile(ContractModel):
    """One file of a message: uploaded before, or small and in the event itself."""

    model_config = ways("oneOf", "MessageFile", *FILE_WAYS)

    name: FileName
    """The name under which the recipient sees it."""
    media_type: MediaType | None = None
    """What it is; where absent, that of the upload, or `application/octet-stream`."""
    uploaded: UploadedFile | None = None
    """A file that was uploaded to Herald before. This or `content`."""
    content: InlineContent | None = None
    """The file itself in base64, up to 512 KiB. This or `uploaded`."""


class FieldValue(ContractModel):
    """The value of one field of the message's template, in the way that the field's type needs."""

    model_config = ways("oneOf", "FieldValue", *FIELD_WAYS)

    id: FieldId
    """The field, by its id in the template."""
    text: FieldText | None = None
    """The value of a field of type `textfield`, `textarea`, `select`, `hidden` or `datetime`."""
    checked: Checked | None = None
    """The value of a field of type `checkbox`."""
    files: (
        Annotated[tuple[MessageFile, ...], Field(min_length=1, max_length=MOST_FILES), at_most(MOST_FILES)]
        | None
    ) = None
    """The value of a field of type `file`."""


class SendMessage(ContractModel):
    """Send a message from the signer's own profile. Its reference number is the event's attribute `rnu`."""

    recipients: RecipientIds
    """The profiles that get it, by the system's own ids. eDelivery `recipientProfileIds`."""
    subject: Subject
    """Its subject: up to 255 units of UTF-16. eDelivery `subject`."""
    template_id: SystemId
    """The template of its content. eDelivery `templateId`."""
    fields: Annotated[
        tuple[FieldValue, ...], Field(min_length=1, max_length=MOST_FIELDS), at_most(MOST_FIELDS)
    ]
    """The values of the template's fields. They are checked by the template before anything is sent."""


class SendMessageOnBehalf(SendMessage):
    """Send a message from the profile of somebody whom the signer represents."""

    on_behalf_of: ActingName
    """Whom: a name of the operator's settings (`esb.acting`). No event can name anybody else."""


class SearchProfile(ContractModel):
    """Find the profile that can receive messages, by the number of whom it belongs to."""

    identifier: ProfileIdentifier
    """The number: EGN, LNCh, EIK. eDelivery `identifier`."""
    target_group_id: SystemId
    """The target group: 1 persons, 2 companies, 3 administrations (confirmed by a public client)."""
    template_id: SystemId | None = None
    """Only a profile that can receive messages of this template."""
    on_behalf_of: ActingName | None = None
    """Search as somebody whom the signer represents: a name of the operator's settings (`esb.acting`)."""


class CheckProfiles(ContractModel):
    """List the profiles of all target groups that belong to a number."""

    identifier: ProfileIdentifier
    """The number: EGN, LNCh, EIK."""
    offset: Offset = 0
    """How many entries are passed over."""
    limit: Limit = 100
    """How many entries are listed at most."""


class ReadProfile(ContractModel):
    """Read one profile."""

    profile_id: SystemId
    """The profile."""


class ProfileAddress(ContractModel):
    """Where a person lives."""

    residence: Line
    """The street with its number, or the whole address."""
    city: Line | None = None
    """The town."""
    state: Line | None = None
    """The municipality."""
    country_iso: CountryCode | None = None
    """The country."""


class RegisterPassiveProfile(ContractModel):
    """Register a passive profile, so that a person without one can be sent messages."""

    identifier: ProfileIdentifier
    """The person's EGN or LNCh."""
    first_name: PersonName
    """The first name."""
    middle_name: PersonName
    """The father's name."""
    last_name: PersonName
    """The family name."""
    email: Email
    """Where the system tells the person of messages."""
    phone: Phone
    """The phone number."""
    address: ProfileAddress
    """The address. The interface's page calls it optional; the public server refuses a registration without it."""


class ListTemplates(ContractModel):
    """List the templates that the signer's profile has access to."""

    on_behalf_of: ActingName | None = None
    """The templates of somebody whom the signer represents: a name of the operator's settings (`esb.acting`)."""


class ReadTemplate(ListTemplates):
    """Read a template with its fields."""

    template_id: SystemId
    """The template."""


class OpenMessage(ContractModel):
    """Open a received message. This is a legal receipt: from then on the message counts as served."""

    message_id: SystemId
    """The message."""
    forwarded_message_id: SystemId | None = None
    """The message that was forwarded with it, where that one is to be read (open-forwarded)."""


class ViewMessage(ContractModel):
    """Read a message that was sent."""

    message_id: SystemId
    """The message."""


class ListMessages(ContractModel):
    """List messages, the newest days as the system orders them."""

    sent_from: Day | None = None
    """Only messages that were sent on this day or later. eDelivery `from`."""
    sent_to: Day | None = None
    """Only messages that were sent on this day or earlier. eDelivery `to` is the beginning of the day after."""
    template_id: SystemId | None = None
    """Only messages of this template."""
    offset: Offset = 0
    """How many entries are passed over."""
    limit: Limit = 100
    """How many entries are listed at most."""
    on_behalf_of: ActingName | None = None
    """The list of somebody whom the signer represents: a name of the operator's settings (`esb.acting`)."""
