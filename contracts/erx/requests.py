"""The data of the other eRx events: users, barcodes, searches."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.erx.fields import (
    Barcode,
    CredentialName,
    InternalId,
    MedicationCode,
    Username,
)
from contracts.erx.people import ErxPatientReference
from contracts.fields import Count, Day, Email, Flag, Line, NhifCode, PracticeNumber, at_most
from contracts.model import ContractModel, ways

WAYS = ("barcode", "internalId", "bookletNumber", "patient", "medicationCode")
"""What a search can go by; at least one is given."""


class Organization(ContractModel):
    """eRx `MedicRegRq`: where the new user works."""

    name: Line
    """The name of the health establishment. eRx `OrganizationName`."""
    number: PracticeNumber
    """The number of the health establishment, 10 digits. eRx `DhId`."""
    nhif_branch: NhifCode | None = None
    """The branch of the NHIF, two digits. eRx `NhifBranch`; in the newer text alone."""


class RegisterUser(ContractModel):
    """Register an end user. The event's signer must be an administrator."""

    username: Username
    """The name to log in with. eRx `Username`."""
    credentials: CredentialName
    """The name under which Herald's secret store has the new user's password; never the password itself."""
    first_name: Line
    """First name. eRx `FirstName`."""
    last_name: Line
    """Family name. eRx `LastName`."""
    email: Email
    """The e-mail address; the register takes each only once. eRx `Email`."""
    organization: Organization
    """Where the user works. eRx `MedicRegRq`."""


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
    """The prescription's internal id. eRx `code`."""


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
    """The barcode's text. eRx `code`."""
    scale: Count = 3
    """How large the image is; the bounds are ours. eRx `scale`."""


class SearchDispensings(ContractModel):
    """Search dispensed medications; what is given must all fit."""

    model_config = ways("anyOf", "SearchDispensings", *WAYS)

    barcode: Barcode | None = None
    """The prescription's barcode. FHIR `identifier`."""
    internal_id: InternalId | None = None
    """The hospital's own id of a line. FHIR `identifier` (`ns/internal`)."""
    booklet_number: InternalId | None = None
    """The number of the booklet. FHIR `identifier` (`ns/booklet-id`)."""
    patient: ErxPatientReference | None = None
    """The patient, by number alone. FHIR `subject.identifier`."""
    medication_code: MedicationCode | None = None
    """The medication's code. FHIR `code`."""


class SearchPrescriptions(SearchDispensings):
    """Search prescribed medications; what is given must all fit."""

    model_config = ways("anyOf", "SearchPrescriptions", *WAYS)

    active_only: Flag | None = None
    """Only those that were not dispensed yet. FHIR `status=active`."""


class SearchAsPharmacy(ContractModel):
    """Read a prescription as a pharmacy."""

    barcode: Barcode
    """The prescription's barcode. eRx `identifier`."""
