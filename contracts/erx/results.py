"""The data of the eRx register's accepted replies: our reading of what it answered, one model per operation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.fields import Sha256
from contracts.model import ContractModel


def known_of_user(_identity: str, data: object) -> dict[str, str]:
    """Return the user name that the event gave."""
    username = data.get("username") if isinstance(data, dict) else None
    return {"username": username} if isinstance(username, str) else {}


class User(ContractModel):
    """A user as the register shows it."""

    id: str
    """The register's number of the user: a part of barcodes made offline."""
    username: str
    """The name to log in with."""
    email: str | None = None
    """Where the register states it."""
    enabled: bool | None = None
    """Whether the user may log in, where the register states it."""
    authorities: tuple[str, ...] = ()
    """What the user may do, as `ROLE_MEDIC`."""
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


class IssuedPrescription(ContractModel):
    """The register wrote the prescription."""

    lines: tuple[IssuedLine, ...] | None
    """In the order of the event; null where they are too many for a reply (see `answer`)."""
    barcodes: tuple[str, ...] | None = ()
    """The register's barcodes of the prescription (T3); of a form 5A in the newer text one for each strip."""
    barcode_url: str | None = None
    """Where the register draws the barcode, where it names an address."""
    prescription_id: str | None = None
    """The register's number of the prescription (`ns/prescription-id`), where it shows it."""
    offline_barcodes: tuple[str, ...] | None = ()
    """The barcodes that the hospital makes itself (appendix 1), of the user and the day: one for each line, or with a
    seed one for the prescription."""
    already_issued: bool | None = None
    """True when an earlier attempt had written it, and the register showed that."""


class GeneratedBarcode(ContractModel):
    """A barcode that the register made."""

    barcode: str
    """The text of the barcode."""


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


class FoundResources(ContractModel):
    """What the register found; nothing found is an answer."""

    found: Annotated[int, Field(ge=0)]
    """How many this answer shows."""
    total: Annotated[int, Field(ge=0)] | None = None
    """How many there are, where the register states it."""
    results: tuple[dict[str, Any], ...] | None
    """The FHIR resources as the register shows them; null where they are too many for a reply (see `answer`)."""


class ShownPrescriptions(ContractModel):
    """What the register shows a pharmacy."""

    prescriptions: tuple[dict[str, Any], ...] | None
    """As the register shows them, one for each strip of a form; null where they are too many for a reply."""
