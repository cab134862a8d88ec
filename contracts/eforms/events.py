"""The events of eForms, and what arrives from it."""

from __future__ import annotations

from contracts.eforms import examples
from contracts.eforms.notifications import RequestReceived
from contracts.eforms.requests import SendCaseMessage, SendResponse
from contracts.eforms.results import CaseMessageTaken, ResponseSent, StatedResponse
from contracts.eforms.rules import no_rules, response_rules
from contracts.event_contract import EventContract
from contracts.notification_contract import NotificationContract

EVENTS: tuple[EventContract, ...] = (
    EventContract(
        system="eforms",
        operation="response.send",
        title="Answer a request for a service",
        description=(
            "Builds a ServiceRequestResponse and sends it over eDelivery to the profile in the operator's settings. "
            "Give the event the `rnu` of the notification that it answers."
        ),
        model=SendResponse,
        rules=response_rules,
        example=examples.RESPONSE,
        result=ResponseSent,
        answered=examples.SENT,
        body=examples.RESPONSE_BODY,
        stated=StatedResponse,
        needs_rnu=True,
    ),
    EventContract(
        system="eforms",
        operation="case.message",
        title="Tell a case at eForms that something happened",
        description=(
            "The platform's hook for administrations. Served only where the operator gives its address: how it is "
            "reached in production is not public."
        ),
        model=SendCaseMessage,
        rules=no_rules,
        example=examples.CASE_MESSAGE,
        result=CaseMessageTaken,
        answered=examples.CASE_MESSAGE_TAKEN,
        body=examples.CASE_MESSAGE_BODY,
        verbatim=frozenset({"processVariables"}),
    ),
)

NOTIFICATIONS: tuple[NotificationContract, ...] = (
    NotificationContract(
        system="eforms",
        name="request.received",
        title="A request for a service arrived",
        description=(
            "From an opened message of eDelivery, recognised by its template or by the root element of its XML. "
            "Published also where the request could not be read."
        ),
        model=RequestReceived,
        example=examples.RECEIVED,
        workers=("edelivery",),
    ),
)
