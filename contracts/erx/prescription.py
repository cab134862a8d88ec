"""The data of `erx.prescription.issue.v1`: one prescription, new or changed, with all its lines."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.erx.fields import BookletPart, Icd10, InternalId, MedicationCode
from contracts.erx.people import ErxPatient, Prescriber
from contracts.fields import Flag, Line, LongText, Moment, Quantity, at_most
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
    """The amount, as a JSON number. FHIR `value`."""
    unit: Line
    """The unit, as the register's examples have it: `units`, `daily`, `days`, `pack`. FHIR `unit`."""


class Medication(ContractModel):
    """A medication by the code of a list."""

    list: MedicationList = MedicationList.NHIF
    """Whose code it is: of the positive list (`mc-nhif`), or of SatHealth (the newer text alone). FHIR `system`."""
    code: MedicationCode
    """The medication's code. FHIR `code`."""
    display: Line
    """The medication's name. FHIR `display`."""


class Dosage(ContractModel):
    """How a medication is taken."""

    text: LongText
    """The instruction in words. FHIR `text`."""
    dose: Amount | None = None
    """How much at once. FHIR `doseQuantity`."""
    rate: Amount | None = None
    """How often. FHIR `rateQuantity`."""


class Dispense(ContractModel):
    """How a medication is dispensed."""

    quantity: Amount
    """How much is dispensed. FHIR `quantity`."""
    interval: Amount | None = None
    """How much time lies between two dispensings. FHIR `dispenseInterval`."""
    supply_duration: Amount | None = None
    """For how long what is dispensed lasts. FHIR `expectedSupplyDuration`."""


class PrescriptionLine(ContractModel):
    """FHIR `MedicationRequest`: one medication."""

    internal_id: InternalId
    """FHIR `identifier` (`ns/internal`): the same one again changes this line, a new one makes a new line. Each line
    has its own (the document's example), or all have the prescription's single one (its appendix 1). In the newer text
    the `seed` is in its place."""
    booklet_part: BookletPart | None = None
    """The strip of the form and the row on it. FHIR extension `bgnhif-booklet-part`."""
    medication: Medication
    """What is prescribed. FHIR `medicationCodeableConcept`."""
    diagnosis: Icd10 | None = None
    """The diagnosis in ICD-10. FHIR `reasonCode`."""
    dosage: Dosage
    """How it is taken. FHIR `dosageInstruction`."""
    dispense: Dispense
    """How it is dispensed. FHIR `dispenseRequest`."""
    substitution_allowed: Flag | None = None
    """Whether a pharmacy may give another brand. FHIR `substitution.allowedBoolean`."""


class Encounter(ContractModel):
    """FHIR `Encounter`: the examination."""

    id: InternalId
    """The number of the outpatient sheet. FHIR `identifier` (`ns/enc-id`)."""
    start: Moment
    """When the examination began. FHIR `period.start`."""
    end: Moment
    """When the examination ended. FHIR `period.end`."""


class IssuePrescription(ContractModel):
    """Issue a prescription, or change one: the same internal ids make a new version of it."""

    category: Category
    """The form it is written on. A coding in the document, a query parameter in the newer text."""
    seed: InternalId | None = None
    """The prescription's own id, in the newer text alone; where absent, the first line's `internalId`."""
    authored_on: Moment
    """When it was written. FHIR `authoredOn` of every line."""
    booklet_number: InternalId | None = None
    """The number of the booklet. FHIR `identifier` (`ns/booklet-id`) of every line; in the newer text alone."""
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
