"""The five events of NHIS e-Immunization."""

from __future__ import annotations

from contracts.event_contract import EventContract
from contracts.nhis import examples
from contracts.nhis.immunization import RegisterImmunization
from contracts.nhis.requests import (
    CancelImmunization,
    FetchCertificate,
    RegisterAdverseReaction,
    SearchImmunizations,
)
from contracts.nhis.results import (
    CancelledImmunization,
    FetchedCertificate,
    FoundImmunizations,
    RegisteredImmunization,
    RegisteredReaction,
    StatedRecord,
    known_of_record,
    known_of_registration,
)
from contracts.nhis.rules import cancel_rules, certificate_rules, reaction_rules, register_rules, search_rules

_XML = ("application/xml", "<nhis:message>…</nhis:message>")

EVENTS: tuple[EventContract, ...] = (
    EventContract(
        system="nhis",
        operation="immunization.register",
        title="Register an immunization",
        description="One dose of one vaccine, patient and performer; NHIS message I001, answered by I002.",
        model=RegisterImmunization,
        rules=register_rules,
        example=examples.REGISTER,
        result=RegisteredImmunization,
        answered=examples.REGISTERED,
        known=known_of_registration,
        stated=StatedRecord,
        reference="nrn",
        body=_XML,
    ),
    EventContract(
        system="nhis",
        operation="immunization.search",
        title="Search immunizations",
        description=(
            "By NRN, patient and dates, one of them or together, or by LRN; NHIS message I003, answered by I004. "
            "Nothing found is an accepted reply with no results."
        ),
        model=SearchImmunizations,
        rules=search_rules,
        example=examples.SEARCH,
        result=FoundImmunizations,
        answered=examples.FOUND,
        known=known_of_record,
        stated=StatedRecord,
        body=_XML,
    ),
    EventContract(
        system="nhis",
        operation="adverse-reaction.register",
        title="Register an adverse reaction",
        description="A reaction to a registered immunization; NHIS message I005, answered by I006.",
        model=RegisterAdverseReaction,
        rules=reaction_rules,
        example=examples.REACTION,
        result=RegisteredReaction,
        answered=examples.REACTION_REGISTERED,
        known=known_of_record,
        stated=StatedRecord,
        body=_XML,
    ),
    EventContract(
        system="nhis",
        operation="immunization.cancel",
        title="Cancel an immunization",
        description="With its reason, shortly after it was registered; NHIS message I011, answered by I012.",
        model=CancelImmunization,
        rules=cancel_rules,
        example=examples.CANCEL,
        result=CancelledImmunization,
        answered=examples.CANCELLED,
        known=known_of_record,
        stated=StatedRecord,
        body=_XML,
    ),
    EventContract(
        system="nhis",
        operation="certificate.fetch",
        title="Fetch a vaccination certificate",
        description="By NRN, by certificate number, or by patient; NHIS message I013, answered by I014.",
        model=FetchCertificate,
        rules=certificate_rules,
        example=examples.CERTIFICATE,
        result=FetchedCertificate,
        binary=frozenset({"content", "others.*.content"}),
        answered=examples.FETCHED,
        known=known_of_record,
        stated=StatedRecord,
        body=_XML,
    ),
)
