"""What a search of the register shows: FHIR resources by FHIR's own names, as far as the register's texts show them.

Members beyond these are in the answer, which the reply keeps beside our reading of it. Every one may be absent.
"""

from __future__ import annotations

from typing import Literal

from contracts.model import ContractModel


class ShownIdentifier(ContractModel):
    """A FHIR identifier: the register's own kinds begin with `http://erx.e-health.bg/ns/`."""

    system: str | None = None
    """Whose identifier it is, as `http://erx.e-health.bg/ns/internal`. FHIR `system`."""
    value: str | None = None
    """The identifier itself. FHIR `value`."""


class ShownCoding(ContractModel):
    """A code of a list (FHIR `Coding`)."""

    system: str | None = None
    """The code list, by its address. FHIR `system`."""
    code: str | None = None
    """The code in that list. FHIR `code`."""
    display: str | None = None
    """The code in words. FHIR `display`."""


class ShownConcept(ContractModel):
    """What codes, a text or both name (FHIR `CodeableConcept`)."""

    coding: tuple[ShownCoding, ...] | None = None
    """The codes that name it, each of a list. FHIR `coding`."""
    text: str | None = None
    """What it is, in words. FHIR `text`."""


class ShownAmount(ContractModel):
    """An amount with its unit (FHIR `Quantity`)."""

    value: float | None = None
    """The amount, as a JSON number. FHIR `value`."""
    unit: str | None = None
    """The unit, as the register's examples have it: `units`, `daily`, `days`, `pack`. FHIR `unit`."""


class ShownReference(ContractModel):
    """Where another record is (FHIR `Reference`)."""

    reference: str | None = None
    """The other record, as `PractitionerRole/70`. FHIR `reference`."""
    display: str | None = None
    """Its name in words. FHIR `display`."""


class ShownExtension(ContractModel):
    """A FHIR extension: the row on the form (`bgnhif-booklet-part`)."""

    url: str | None = None
    """Which extension it is. FHIR `url`."""
    value_string: str | None = None
    """Its value, where that is a text: the strip of the form and the row on it, as `A0`. FHIR `valueString`."""
    value_boolean: bool | None = None
    """Its value, where that is true or false. FHIR `valueBoolean`."""


class ShownMeta(ContractModel):
    """What the register says of a record itself (FHIR `meta`)."""

    version_id: str | None = None
    """The version that is shown; the first is 1. FHIR `versionId`."""
    last_updated: str | None = None
    """When it was written. FHIR `lastUpdated`."""


class ShownRate(ContractModel):
    """How much of a medication is taken, and how often (FHIR `doseAndRate`)."""

    dose_quantity: ShownAmount | None = None
    """How much at once. FHIR `doseQuantity`."""
    rate_quantity: ShownAmount | None = None
    """How often it is taken. FHIR `rateQuantity`."""


class ShownDosage(ContractModel):
    """How a medication is taken (FHIR `Dosage`)."""

    text: str | None = None
    """The instruction in words. FHIR `text`."""
    dose_and_rate: tuple[ShownRate, ...] | None = None
    """How much at once, and how often. FHIR `doseAndRate`."""


class ShownDispenseRequest(ContractModel):
    """How a medication is to be dispensed (FHIR `dispenseRequest`)."""

    dispense_interval: ShownAmount | None = None
    """How much time lies between two dispensings. FHIR `dispenseInterval`."""
    quantity: ShownAmount | None = None
    """How much is prescribed. FHIR `quantity`."""
    expected_supply_duration: ShownAmount | None = None
    """For how long what is dispensed lasts. FHIR `expectedSupplyDuration`."""


class ShownSubstitution(ContractModel):
    """Whether another brand may be given (FHIR `substitution`)."""

    allowed_boolean: bool | None = None
    """Whether a pharmacy may give another brand. FHIR `allowedBoolean`."""


class _ShownResource(ContractModel):
    id: str | None = None
    """The record's number. FHIR `id`."""
    meta: ShownMeta | None = None
    """The version of the record, and when it was written. FHIR `meta`."""
    identifier: tuple[ShownIdentifier, ...] | None = None
    """The barcode, the hospital's own id, the form's number and others. FHIR `identifier`."""
    status: str | None = None
    """The status of the record, as `active` or `completed`. FHIR `status`."""
    medication_codeable_concept: ShownConcept | None = None
    """The medication, by code and name. FHIR `medicationCodeableConcept`."""
    subject: ShownReference | None = None
    """The patient, by reference. FHIR `subject`."""


class ShownPrescribed(_ShownResource):
    """FHIR `MedicationRequest`: one line of a prescription."""

    resource_type: Literal["MedicationRequest"]
    """The kind of record. FHIR `resourceType`."""
    extension: tuple[ShownExtension, ...] | None = None
    """The strip of the form and the row on it (`bgnhif-booklet-part`), and others. FHIR `extension`."""
    intent: str | None = None
    """What the line is meant as, as `proposal`. FHIR `intent`."""
    category: tuple[ShownConcept, ...] | None = None
    """The kind of prescription: the form that it is written on. FHIR `category`."""
    encounter: ShownReference | None = None
    """The examination, by reference. FHIR `encounter`."""
    authored_on: str | None = None
    """When it was prescribed. FHIR `authoredOn`."""
    requester: ShownReference | None = None
    """Who prescribed it. FHIR `requester`."""
    reason_code: tuple[ShownConcept, ...] | None = None
    """The diagnosis in ICD-10. FHIR `reasonCode`."""
    group_identifier: ShownIdentifier | None = None
    """The barcode that the lines have in common. FHIR `groupIdentifier`."""
    dosage_instruction: tuple[ShownDosage, ...] | None = None
    """How it is taken. FHIR `dosageInstruction`."""
    dispense_request: ShownDispenseRequest | None = None
    """How it is to be dispensed. FHIR `dispenseRequest`."""
    substitution: ShownSubstitution | None = None
    """Whether another brand may be given in its place. FHIR `substitution`."""


class ShownDispensed(_ShownResource):
    """FHIR `MedicationDispense`: one medication that a pharmacy gave out."""

    resource_type: Literal["MedicationDispense"]
    """The kind of record. FHIR `resourceType`."""
    authorizing_prescription: tuple[ShownReference, ...] | None = None
    """The lines that it was given for. FHIR `authorizingPrescription`."""
    quantity: ShownAmount | None = None
    """How much was given. FHIR `quantity`."""
    when_handed_over: str | None = None
    """When it was given. FHIR `whenHandedOver`."""
