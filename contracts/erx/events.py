"""The events of the eRx register (HL7 FHIR Lite)."""

from __future__ import annotations

from contracts.erx import examples
from contracts.erx.prescription import IssuePrescription
from contracts.erx.requests import (
    BarcodeImage,
    GenerateBarcode,
    RegisterUser,
    ReserveBarcode,
    SearchAsPharmacy,
    SearchDispensings,
    SearchPrescriptions,
    WhoAmI,
)
from contracts.erx.results import (
    DrawnImage,
    FoundDispensed,
    FoundPrescribed,
    GeneratedBarcode,
    IssuedPrescription,
    RegisteredUser,
    ReservedBarcodes,
    ShownPrescriptions,
    User,
    known_of_user,
)
from contracts.erx.rules import issue_rules, no_rules, search_rules
from contracts.event_contract import EventContract

EVENTS: tuple[EventContract, ...] = (
    EventContract(
        system="erx",
        operation="user.register",
        title="Register an end user",
        description="By an administrator, with the organization; the password is named, never given.",
        model=RegisterUser,
        rules=no_rules,
        example=examples.REGISTER,
        result=RegisteredUser,
        answered=examples.REGISTERED,
        known=known_of_user,
    ),
    EventContract(
        system="erx",
        operation="user.whoami",
        title="Ask who the signer is",
        description="Proves that the signer's credentials and token are good.",
        model=WhoAmI,
        rules=no_rules,
        example=examples.WHO_AM_I,
        result=User,
        answered=examples.I_AM,
    ),
    EventContract(
        system="erx",
        operation="prescription.issue",
        title="Issue or change a prescription",
        description="All its lines, who prescribes, for whom; the same internal ids again make a new version.",
        model=IssuePrescription,
        rules=issue_rules,
        example=examples.ISSUE,
        result=IssuedPrescription,
        answered=examples.ISSUED,
    ),
    EventContract(
        system="erx",
        operation="barcode.generate",
        title="Generate a barcode",
        description="Of the hospital's own id, unique by day, by second or by timestamp.",
        model=GenerateBarcode,
        rules=no_rules,
        example=examples.GENERATE,
        result=GeneratedBarcode,
        answered=examples.GENERATED,
    ),
    EventContract(
        system="erx",
        operation="barcode.reserve",
        title="Make a barcode before the prescription is registered",
        description=(
            "The offline barcode of appendix 1, of the hospital's own id, the day and the signer's number at the "
            "register. Nothing is registered by it."
        ),
        model=ReserveBarcode,
        rules=no_rules,
        example=examples.RESERVE,
        result=ReservedBarcodes,
        answered=examples.RESERVED,
    ),
    EventContract(
        system="erx",
        operation="barcode.image",
        title="Fetch a barcode as an image",
        description="Drawn by the register (code 128).",
        model=BarcodeImage,
        rules=no_rules,
        example=examples.DRAW,
        result=DrawnImage,
        binary=frozenset({"content"}),
        answered=examples.DRAWN,
    ),
    EventContract(
        system="erx",
        operation="prescription.search",
        title="Search prescribed medications",
        description="By barcode, internal id, booklet, patient or medication, also together.",
        model=SearchPrescriptions,
        rules=search_rules,
        example=examples.SEARCH,
        result=FoundPrescribed,
        answered=examples.FOUND,
    ),
    EventContract(
        system="erx",
        operation="dispensing.search",
        title="Search dispensed medications",
        description="By barcode, internal id, booklet, patient or medication, also together.",
        model=SearchDispensings,
        rules=search_rules,
        example=examples.SEARCH_DISPENSED,
        result=FoundDispensed,
        answered=examples.FOUND_NOTHING,
    ),
    EventContract(
        system="erx",
        operation="pharmacy.search",
        title="Search a prescription as a pharmacy",
        description="By its barcode; a form with strips gives one prescription for each.",
        model=SearchAsPharmacy,
        rules=no_rules,
        example=examples.READ,
        result=ShownPrescriptions,
        answered=examples.SHOWN,
    ),
)
