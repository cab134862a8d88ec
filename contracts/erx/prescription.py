"""The data of `erx.prescription.issue.v1`: one prescription, new or changed, with all its lines."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.erx.fields import BookletPart, Icd10, InternalId, MedicationCode, Moment
from contracts.erx.people import ErxPatient, Prescriber
from contracts.fields import Flag, Line, LongText, Quantity, at_most
from contracts.model import ContractModel

MOST_LINES = 20


class Category(StrEnum):
    """Which form it is written on."""

    WHITE = "W"
    GREEN = "G"
    YELLOW = "Y"
    NHIF_5 = "N"
    NHIF_5A = "A"
    NHIF_5B = "B"
    NHIF_5C = "C"


class MedicationList(StrEnum):
    """Whose code a medication has."""

    NHIF = "nhif"
    SATHEALTH = "sathealth"


class Amount(ContractModel):
    """A FHIR quantity."""

    value: Quantity
    """FHIR `value`: a JSON number."""
    unit: Line
    """FHIR `unit`, as the register's examples have it: `units`, `daily`, `days`, `pack`."""


class Medication(ContractModel):
    """FHIR `medicationCodeableConcept`."""

    list: MedicationList = MedicationList.NHIF
    """FHIR `system`: the positive list (`mc-nhif`), or that of SatHealth, which the newer text alone has."""
    code: MedicationCode
    """FHIR `code`."""
    display: Line
    """FHIR `display`: the medication's name."""


class Dosage(ContractModel):
    """FHIR `dosageInstruction`."""

    text: LongText
    """FHIR `text`: the instruction in words."""
    dose: Amount | None = None
    """FHIR `doseQuantity`: how much at once."""
    rate: Amount | None = None
    """FHIR `rateQuantity`: how often."""


class Dispense(ContractModel):
    """FHIR `dispenseRequest`."""

    quantity: Amount
    """FHIR `quantity`."""
    interval: Amount | None = None
    """FHIR `dispenseInterval`."""
    supply_duration: Amount | None = None
    """FHIR `expectedSupplyDuration`."""


class PrescriptionLine(ContractModel):
    """FHIR `MedicationRequest`: one medication."""

    internal_id: InternalId
    """FHIR `identifier` (`ns/internal`): the same one again changes this line, a new one makes a new line. Each line
    has its own (the document's example), or all have the prescription's single one (its appendix 1). In the newer text
    the `seed` is in its place."""
    booklet_part: BookletPart | None = None
    """FHIR extension `bgnhif-booklet-part`: the strip of the form and the row on it."""
    medication: Medication
    """FHIR `medicationCodeableConcept`."""
    diagnosis: Icd10 | None = None
    """FHIR `reasonCode` (ICD-10)."""
    dosage: Dosage
    """FHIR `dosageInstruction`."""
    dispense: Dispense
    """FHIR `dispenseRequest`."""
    substitution_allowed: Flag | None = None
    """FHIR `substitution.allowedBoolean`."""


class Encounter(ContractModel):
    """FHIR `Encounter`: the examination."""

    id: InternalId
    """FHIR `identifier` (`ns/enc-id`): number of the outpatient sheet."""
    start: Moment
    """FHIR `period.start`."""
    end: Moment
    """FHIR `period.end`."""


class IssuePrescription(ContractModel):
    """Issue a prescription, or change one: the same internal ids make a new version of it."""

    category: Category
    """A coding in the document, a query parameter in the newer text."""
    seed: InternalId | None = None
    """The prescription's own id, in the newer text alone; where absent, the first line's `internalId`."""
    authored_on: Moment
    """FHIR `authoredOn` of every line."""
    booklet_number: InternalId | None = None
    """FHIR `identifier` (`ns/booklet-id`) of every line; in the newer text alone."""
    lines: Annotated[
        tuple[PrescriptionLine, ...], Field(min_length=1, max_length=MOST_LINES), at_most(MOST_LINES)
    ]
    """The medications; how many a prescription may have is not known, the limit is ours."""
    prescriber: Prescriber
    """Who prescribes."""
    patient: ErxPatient
    """For whom."""
    encounter: Encounter
    """At which examination."""
