"""What a search of the register shows: FHIR resources by FHIR's own names, as far as the register's texts show them.

Members beyond these are in the answer, which the reply keeps beside our reading of it. Every one may be absent.
"""

from __future__ import annotations

from typing import Literal

from contracts.model import ContractModel


class ShownIdentifier(ContractModel):
    """A FHIR identifier: the register's own kinds begin with `http://erx.e-health.bg/ns/`."""

    system: str | None = None
    """FHIR `system`: whose identifier it is, as `http://erx.e-health.bg/ns/internal`."""
    value: str | None = None
    """FHIR `value`: the identifier."""


class ShownCoding(ContractModel):
    """A FHIR coding."""

    system: str | None = None
    """FHIR `system`: the code list."""
    code: str | None = None
    """FHIR `code`."""
    display: str | None = None
    """FHIR `display`: the code in words."""


class ShownConcept(ContractModel):
    """A FHIR codeable concept."""

    coding: tuple[ShownCoding, ...] | None = None
    """FHIR `coding`."""
    text: str | None = None
    """FHIR `text`."""


class ShownAmount(ContractModel):
    """A FHIR quantity."""

    value: float | None = None
    """FHIR `value`."""
    unit: str | None = None
    """FHIR `unit`, as `units`, `daily`, `days`, `pack`."""


class ShownReference(ContractModel):
    """A FHIR reference."""

    reference: str | None = None
    """FHIR `reference`: another record, as `PractitionerRole/70`."""
    display: str | None = None
    """FHIR `display`: its name in words."""


class ShownExtension(ContractModel):
    """A FHIR extension: the row on the form (`bgnhif-booklet-part`)."""

    url: str | None = None
    """FHIR `url`: which extension it is."""
    value_string: str | None = None
    """FHIR `valueString`."""
    value_boolean: bool | None = None
    """FHIR `valueBoolean`."""


class ShownMeta(ContractModel):
    """FHIR `meta` of a record."""

    version_id: str | None = None
    """FHIR `versionId`: the version; the first is 1."""
    last_updated: str | None = None
    """FHIR `lastUpdated`: when it was written."""


class ShownRate(ContractModel):
    """FHIR `doseAndRate`."""

    dose_quantity: ShownAmount | None = None
    """FHIR `doseQuantity`: how much at once."""
    rate_quantity: ShownAmount | None = None
    """FHIR `rateQuantity`: how often."""


class ShownDosage(ContractModel):
    """FHIR `dosageInstruction`."""

    text: str | None = None
    """FHIR `text`: the instruction in words."""
    dose_and_rate: tuple[ShownRate, ...] | None = None
    """FHIR `doseAndRate`."""


class ShownDispenseRequest(ContractModel):
    """FHIR `dispenseRequest`."""

    dispense_interval: ShownAmount | None = None
    """FHIR `dispenseInterval`."""
    quantity: ShownAmount | None = None
    """FHIR `quantity`: how much is prescribed."""
    expected_supply_duration: ShownAmount | None = None
    """FHIR `expectedSupplyDuration`."""


class ShownSubstitution(ContractModel):
    """FHIR `substitution`."""

    allowed_boolean: bool | None = None
    """FHIR `allowedBoolean`: whether the pharmacy may give another medication."""


class _ShownResource(ContractModel):
    id: str | None = None
    """FHIR `id`: the record's number."""
    meta: ShownMeta | None = None
    """FHIR `meta`."""
    identifier: tuple[ShownIdentifier, ...] | None = None
    """FHIR `identifier`: barcode, the hospital's own id, the form's number and others."""
    status: str | None = None
    """FHIR `status`, as `active` or `completed`."""
    medication_codeable_concept: ShownConcept | None = None
    """FHIR `medicationCodeableConcept`: the medication."""
    subject: ShownReference | None = None
    """FHIR `subject`: the patient."""


class ShownPrescribed(_ShownResource):
    """FHIR `MedicationRequest`: one line of a prescription."""

    resource_type: Literal["MedicationRequest"]
    """FHIR `resourceType`."""
    extension: tuple[ShownExtension, ...] | None = None
    """FHIR `extension`."""
    intent: str | None = None
    """FHIR `intent`, as `proposal`."""
    category: tuple[ShownConcept, ...] | None = None
    """FHIR `category`: the kind of prescription."""
    encounter: ShownReference | None = None
    """FHIR `encounter`: the examination."""
    authored_on: str | None = None
    """FHIR `authoredOn`: when it was prescribed."""
    requester: ShownReference | None = None
    """FHIR `requester`: who prescribed it."""
    reason_code: tuple[ShownConcept, ...] | None = None
    """FHIR `reasonCode`: the diagnosis (ICD-10)."""
    group_identifier: ShownIdentifier | None = None
    """FHIR `groupIdentifier`: the barcode that the lines have in common."""
    dosage_instruction: tuple[ShownDosage, ...] | None = None
    """FHIR `dosageInstruction`."""
    dispense_request: ShownDispenseRequest | None = None
    """FHIR `dispenseRequest`."""
    substitution: ShownSubstitution | None = None
    """FHIR `substitution`."""


class ShownDispensed(_ShownResource):
    """FHIR `MedicationDispense`: one medication that a pharmacy gave out."""

    resource_type: Literal["MedicationDispense"]
    """FHIR `resourceType`."""
    authorizing_prescription: tuple[ShownReference, ...] | None = None
    """FHIR `authorizingPrescription`: the lines that it was given for."""
    quantity: ShownAmount | None = None
    """FHIR `quantity`: how much was given."""
    when_handed_over: str | None = None
    """FHIR `whenHandedOver`: when it was given."""
