"""The data of the eRx register's accepted replies: our reading of what it answered, one model per operation."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from contracts.erx.pharmacy import PharmacyPrescription
from contracts.erx.resources import ShownDispensed, ShownPrescribed
from contracts.fields import Day, Sha256
from contracts.model import ContractModel


def known_of_user(_identity: str, data: object) -> dict[str, str]:
    """Return the user name that the event gave."""
    username = data.get("username") if isinstance(data, dict) else None
    return {"username": username} if isinstance(username, str) else {}


class Authority(ContractModel):
    """What a user may do, with the register's numbers."""

    id: str | None = None
    """The register's number of this right. eRx `Id`."""
    authority: str
    """What the user may do, as `ROLE_MEDIC`. eRx `Authority`."""
    client: str | None = None
    """The client software that it holds for. eRx `Client`."""


class Property(ContractModel):
    """One property of a user, as `roleId`."""

    id: str | None = None
    """The register's number of the property. eRx `Id`."""
    key: str
    """The name of the property, as `roleId`. eRx `Key`."""
    value: str | None = None
    """The value of the property, as `PractitionerRole/18/_history/1`. eRx `Value`."""


class User(ContractModel):
    """A user as the register shows it."""

    id: str
    """The register's number of the user: a part of barcodes made offline."""
    username: str
    """The name to log in with."""
    first_name: str | None = None
    """The user's first name, where the register states it."""
    last_name: str | None = None
    """The user's family name, where the register states it."""
    email: str | None = None
    """The user's e-mail address, where the register states it."""
    email_verified: bool | None = None
    """Whether the register has verified the e-mail address, where it states that."""
    enabled: bool | None = None
    """Whether the user may log in, where the register states it."""
    acknowledged: bool | None = None
    """eRx `Acknowledged`; the document does not say what it means."""
    provider: str | None = None
    """Where the account is kept, as `local`."""
    authorities: tuple[str, ...] = ()
    """What the user may do, as `ROLE_MEDIC`."""
    authority_details: tuple[Authority, ...] | None = None
    """The same with the register's numbers."""
    properties: tuple[Property, ...] | None = None
    """All properties of the user, `roleId` among them."""
    role_id: str | None = None
    """The register's record of the user's role, as `PractitionerRole/18/_history/1`."""


class RegisteredUser(User):
    """The register registered the user."""

    already_registered: bool | None = None
    """True when an earlier attempt had registered it: the user can log in, and the register showed it."""


class IssuedLine(ContractModel):
    """One line as the register wrote it."""

    internal_id: str
    """The hospital's own id, as sent."""
    location: str | None = None
    """The register's record, as `MedicationRequest/68`."""
    version: str | None = None
    """The version that was written; the first is 1."""
    status: Literal["created", "updated"] | None = None
    """Whether the register had this line before; absent where a look-up confirmed it."""
    mr_id: str | None = None
    """The register's own identifier of the line (`ns/mr-id`), as `ERX1592920883N00360A-0`, where it shows it."""


class WrittenRecord(ContractModel):
    """One record that the register wrote for a prescription."""

    resource: str
    """The kind of record, as `Practitioner`."""
    location: str
    """The record, as `Practitioner/3`."""
    version: str | None = None
    """The version that was written; the first is 1."""
    status: Literal["created", "updated"]
    """Whether the register had this record before."""


class IssuedPrescription(ContractModel):
    """The register wrote the prescription."""

    lines: tuple[IssuedLine, ...] | None
    """In the order of the event; null where they are too many for a reply (see `answer`)."""
    barcodes: tuple[str, ...] | None = ()
    """The register's barcodes of the prescription (T3); of a form 5A in the newer text one for each strip."""
    barcode_url: str | None = None
    """Where the register draws the barcode, where it names an address."""
    locations: tuple[WrittenRecord, ...] | None = ()
    """Every record of T1, in its order: lines, practitioner, role, examination, patient; absent where a look-up
    confirmed the prescription."""
    transaction_id: str | None = None
    """The register's own number of the transaction (T1 `Id`): what its support asks for."""
    prescription_id: str | None = None
    """The register's number of the prescription (`ns/prescription-id`), where it shows it."""
    offline_barcodes: tuple[str, ...] | None = ()
    """The barcodes that the hospital makes itself (appendix 1), of the user and the day: one for each internal id, or
    with a seed one for the prescription."""
    already_issued: bool | None = None
    """True when an earlier attempt had written it, and the register showed that."""


class GeneratedBarcode(ContractModel):
    """A barcode that the register made."""

    barcode: str
    """The text of the barcode."""


class ReservedBarcodes(ContractModel):
    """Barcodes that a hospital may print before the prescription is registered (appendix 1)."""

    barcodes: tuple[str, ...] | None
    """Their texts: one, or one for each strip."""
    user_id: str
    """The register's number of the signer's user: a part of the barcode that never changes."""
    day: Day
    """The day in the barcode. The register makes the same barcode only of a prescription that it gets on this day."""


class DrawnImage(ContractModel):
    """A barcode that the register drew."""

    content: str | None
    """The image in base64; null where it is too large for a reply (see `answer`)."""
    media_type: str
    """As the register states it, e.g. `image/png`."""
    bytes: Annotated[int, Field(ge=1)]
    """Length of the image."""
    sha256: Sha256
    """SHA-256 of the image, hexadecimal."""


class _Found(ContractModel):
    found: Annotated[int, Field(ge=0)]
    """How many this answer shows."""
    total: Annotated[int, Field(ge=0)] | None = None
    """How many there are, where the register states it."""


class FoundPrescribed(_Found):
    """The prescribed medications that the register found; nothing found is an answer."""

    results: tuple[ShownPrescribed, ...] | None
    """The lines by FHIR's names, as far as the register's texts show them; null where they are too many for a reply
    (see `answer`)."""


class FoundDispensed(_Found):
    """The dispensed medications that the register found; nothing found is an answer."""

    results: tuple[ShownDispensed, ...] | None
    """The dispenses by FHIR's names, as far as the register's texts show them; null where they are too many for a
    reply (see `answer`)."""


class ShownPrescriptions(ContractModel):
    """What the register shows a pharmacy."""

    prescriptions: tuple[PharmacyPrescription, ...] | None
    """By the register's own names, as far as its text for pharmacies shows them, one for each strip of a form; null
    where they are too many for a reply."""
