"""The two events of the NHIF REST API: its services differ, its way of asking does not."""

from __future__ import annotations

from contracts.event_contract import EventContract
from contracts.nhif import examples
from contracts.nhif.requests import ReadService, SubmitDocument
from contracts.nhif.results import DocumentAnswer, ServiceAnswer, StatedDocument
from contracts.nhif.rules import read_rules, submit_rules

EVENTS: tuple[EventContract, ...] = (
    EventContract(
        system="nhif",
        operation="service.read",
        title="Read a list or report of NHIF",
        description="One GET of a service that the operator's catalogue names; the answer is kept as it came.",
        model=ReadService,
        rules=read_rules,
        example=examples.READ,
        result=ServiceAnswer,
        binary=frozenset({"content.base64"}),
        answered=examples.READ_ANSWERED,
        body=examples.READ_BODY,
    ),
    EventContract(
        system="nhif",
        operation="document.submit",
        title="Submit a document to NHIF",
        description=(
            "One POST to a service that the operator's catalogue names, with the hospital's own JSON, XML, "
            "bytes, or several of them (multipart/form-data). "
            "Unless the catalogue says otherwise, one whose outcome is unknown waits for a person."
        ),
        model=SubmitDocument,
        rules=submit_rules,
        example=examples.SUBMIT,
        result=DocumentAnswer,
        binary=frozenset({"content.base64"}),
        answered=examples.SUBMITTED,
        body=examples.SUBMITTED_BODY,
        stated=StatedDocument,
        verbatim=frozenset({"json", "multipart.json"}),
    ),
)
