"""The data of the notification that a request for a service arrived: all of it as read, and what is wrong with it."""

from __future__ import annotations

from enum import StrEnum

from contracts.eforms.persons import StatedApplicant, StatedLegalEntity, StatedPerson
from contracts.eforms.stated import (
    StatedChannel,
    StatedCode,
    StatedContact,
    StatedFee,
    StatedIdentifier,
    StatedOrganisation,
    StatedService,
    StatedTime,
)
from contracts.files import FileReference, Sha256
from contracts.model import ContractModel


class RecognisedBy(StrEnum):
    """Why the message was taken for a request."""

    TEMPLATE = "template"
    ROOT_ELEMENT = "root-element"


class RequestProblem(ContractModel):
    """One thing that is wrong with a request. It was published nevertheless."""

    path: str
    """Where: like an XPath, in local names; empty where it concerns the whole."""
    rule: str
    """What is wrong; quotes the schema, and never the request."""
    value: str | None = None
    """What kind of value is there, as `11 characters: digits`, where the rule is about a value."""


class InlineContent(ContractModel):
    """Bytes that are in the request's XML itself: read them from there."""

    size: int
    """How many bytes."""
    sha256: Sha256
    """Their SHA-256, as hexadecimal digits in lower case."""


class AttachedDocument(ContractModel):
    """A document that the request names."""

    identifier: str | None = None
    """What the request calls it."""
    type: StatedCode | None = None
    """What kind it is."""
    description: str | None = None
    """What it is."""
    content: InlineContent | None = None
    """Its bytes, where they are in the request's XML (`attached_document`)."""
    file: FileReference | None = None
    """The file that came with the message under the name in `identifier` (inferred)."""


class RequestAuthor(ContractModel):
    """Who made the request, for himself or for others."""

    person: StatedPerson | None = None
    """The person."""
    legal_entity: StatedLegalEntity | None = None
    """The legal entity that the person acts for."""
    author_type: StatedCode | None = None
    """In which role: `1006-020001` is the holder of the right (confirmed)."""
    authorization_uri: StatedIdentifier | None = None
    """The number of the authorisation (`authorizationURI`)."""
    authorization_document: AttachedDocument | None = None
    """The document that authorises the person."""
    authorization_document_number: str | None = None
    """The number of that document."""
    authorization_document_number_date: str | None = None
    """The date of that document."""


class ServiceRequest(ContractModel):
    """ServiceRequest, as it is stated. Nothing is required: see `problems` for what is absent or wrong."""

    request_uri: StatedIdentifier | None = None
    """The request's number (`requestURI`): РНУ, earlier ORN."""
    request_date_time: str | None = None
    """When it was made, as it is written there: the zone may be absent."""
    public_service: StatedService | None = None
    """The service."""
    service_provider: StatedOrganisation | None = None
    """Who is to provide it."""
    request_type: StatedCode | None = None
    """First or further request: `0006-000121` is a first one (confirmed)."""
    result_channel: StatedChannel | None = None
    """How the result is to be handed over."""
    process_time: StatedTime | None = None
    """How quickly."""
    tax: StatedFee | None = None
    """The fee."""
    result_contact_point: StatedContact | None = None
    """How the provider can be reached."""
    communication_channels: tuple[StatedContact, ...] = ()
    """How the applicant can be reached (`communicationChannel`)."""
    applicant: StatedApplicant | None = None
    """Who asks."""
    request_author: RequestAuthor | None = None
    """Who made the request."""
    attached_documents: tuple[AttachedDocument, ...] = ()
    """The documents that it names (`attachedDocument`)."""
    data_processing_agreement: bool | None = None
    """Whether the applicant agreed that the data are processed and taken from registers."""
    specific_content: str | None = None
    """What only this service has: the element as XML. Null where it is absent, or too large (see `problems`)."""
    languages: tuple[StatedCode, ...] = ()
    """The languages in which the service is asked for (`language`)."""


class RequestReceived(ContractModel):
    """A request for a service arrived over eDelivery. It is published also where it could not be read."""

    message_id: int
    """The message's number in eDelivery."""
    template_id: int | None = None
    """The message's template in eDelivery."""
    subject: str | None = None
    """The message's subject."""
    sender: str | None = None
    """The profile that sent it."""
    recognised_by: RecognisedBy
    """Why it was taken for a request."""
    request: ServiceRequest | None = None
    """The request; null where it could not be read, or is too large for a notification (see `problems`)."""
    request_file: FileReference | None = None
    """The file that the request was read from, or would have been."""
    request_field: str | None = None
    """The message's field that it was read from, where it came in no file."""
    files: tuple[FileReference, ...] = ()
    """All files of the message, that of the request among them."""
    problems: tuple[RequestProblem, ...] = ()
    """What is wrong with the request."""
    further_problems: int = 0
    """How many more there are that are not listed."""
