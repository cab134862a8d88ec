"""The events of Kazakhstan's SHEP gateway."""

from __future__ import annotations

from contracts.event_contract import EventContract
from contracts.kz_shep import examples
from contracts.kz_shep.requests import SearchMedicalExemptions
from contracts.kz_shep.results import FoundMedicalExemptions
from contracts.kz_shep.rules import search_rules

EVENTS: tuple[EventContract, ...] = (
    EventContract(
        system="kz-shep",
        operation="medical-exemption.search",
        title="Search medical exemptions",
        description=(
            "By number, by IIN, or by passport and citizenship; SHEP service EHEALTH_MEDICAL_EXEMPTION_SEARCH. "
            "Nothing found is an accepted reply with no exemptions."
        ),
        model=SearchMedicalExemptions,
        rules=search_rules,
        example=examples.SEARCH,
        result=FoundMedicalExemptions,
        binary=frozenset({"contents.*"}),
        answered=examples.FOUND,
        body=examples.BODY,
    ),
)
