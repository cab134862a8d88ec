"""The data of the other eRx events: users, barcodes, searches."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import ConfigDict, Field

from contracts.erx.fields import (
    Barcode,
    CredentialName,
    InternalId,
    MedicationCode,
    Username,
)
from contracts.erx.people import ErxPatientReference
from contracts.fields import Count, Day, Email, Flag, Line, NhifCode, PracticeNumber, at_most
from contracts.model import ContractModel, given

WAYS = ("barcode", "internalId", "bookletNumber", "patient", "medicationCode")
"""What a search can go by; at least one is given."""


def _any_way() -> ConfigDict:
    """Publish in the schema what the rule `some-way` checks: at least one of the fields is given."""
    return ConfigDict(json_schema_extra={"anyOf": [given(way) for way in WAYS]})


class Organization(ContractModel):
    """eRx `MedicRegRq`: where the new user works."""

    name: Line
    """eRx `OrganizationName`."""
    number: PracticeNumber
    """eRx `DhId`: the number of the health establishment, 10 digits."""
    nhif_branch: NhifCode | None = None
    """eRx `NhifBranch`: two digits; in the newer text alone."""


class RegisterUser(ContractModel):
    """Register an end user. The event's signer must be an administrator."""

    username: Username
    """eRx `Username`."""
    credentials: CredentialName
    """The name under which Herald's secret store has the new user's password; never the password itself."""
    first_name: Line
    """eRx `FirstName`."""
    last_name: Line
    """eRx `LastName`."""
    email: Email
    """eRx `Email`; the register takes each only once."""
    organization: Organization
    """eRx `MedicRegRq`."""


class WhoAmI(ContractModel):
    """Ask whom the register takes the event's signer for. There is nothing to give."""


class BarcodeKind(StrEnum):
    """Until when a barcode is unique."""

    DATE = "date"
    SECONDS = "seconds"
    TIMESTAMP = "timestamp"


class Strip(StrEnum):
    """A strip of a form 5A."""

    A = "A"
    B = "B"
    C = "C"


class GenerateBarcode(ContractModel):
    """Have the register make a barcode of the hospital's own id."""

    kind: BarcodeKind
    """Which of the three services makes it."""
    code: InternalId
    """eRx `code`: the prescription's internal id."""


class ReserveBarcode(ContractModel):
    """Make the barcode of a prescription that is not registered yet (appendix 1, offline)."""

    internal_id: InternalId
    """The prescription's internal id (with a seed: its `seed`), as the event that issues it will give it."""
    day: Day | None = None
    """The day in the barcode; where absent, the day in Sofia on which the register answers. The register makes the
    same barcode only of a prescription that it gets on that day."""
    strips: Annotated[tuple[Strip, ...], Field(min_length=1, max_length=3), at_most(3)] | None = None
    """The strips of a form 5A: one barcode for each; in the newer text alone."""


class BarcodeImage(ContractModel):
    """Have the register draw a barcode (code 128)."""

    code: Barcode
    """eRx `code`: the barcode's text."""
    scale: Count = 3
    """eRx `scale`; the bounds are ours."""


class SearchDispensings(ContractModel):
    """Search dispensed medications; what is given must all fit."""

    model_config = _any_way()

    barcode: Barcode | None = None
    """FHIR `identifier`: the prescription's barcode."""
    internal_id: InternalId | None = None
    """FHIR `identifier` (`ns/internal`): the hospital's own id of a line."""
    booklet_number: InternalId | None = None
    """FHIR `identifier` (`ns/booklet-id`)."""
    patient: ErxPatientReference | None = None
    """FHIR `subject.identifier`."""
    medication_code: MedicationCode | None = None
    """FHIR `code`."""


class SearchPrescriptions(SearchDispensings):
    """Search prescribed medications; what is given must all fit."""

    model_config = _any_way()

    active_only: Flag | None = None
    """FHIR `status=active`: those that were not dispensed yet."""


class SearchAsPharmacy(ContractModel):
    """Read a prescription as a pharmacy."""

    barcode: Barcode
    """eRx `identifier`."""
