"""The simple types of NHIS fields: what of a value can be checked by looking at it alone.

Facets come from the types of NHIS-Entities.xsd 1.6.2 where those are known; a limit that is ours is
marked so. Patterns are written in the part of the syntax that ECMAScript, Rust and Python share, because
they are checked by pydantic here and by any JSON Schema validator at the hospital.
"""

from __future__ import annotations

from typing import Annotated

from contracts.fields import LINE_FORM, ONE_LINE, VISIBLE, formed
from contracts.immutable import immutable


@immutable
class Coded:
    """Marks a field whose value is a code of an NHIS nomenclature (document D2), e.g. ``CL037``."""

    list_id: str


AddressLine = Annotated[str, formed(2000, ONE_LINE, LINE_FORM), VISIBLE]
"""One line of text, up to 2000 characters (SPEC X001)."""

Nrn = Annotated[str, formed(12, "^[0-9A-Za-z]{12}$", "exactly 12 Latin letters and digits")]
"""nrnBase: a number that NHIS gave, exactly 12 letters and digits."""

Lrn = Annotated[
    str, formed(36, "^[0-9A-Za-z-]{1,36}$", "1 to 36 Latin letters, digits and hyphens, best a UUID")
]
"""lrnBase: the hospital's own number of a document, best a UUID; unique for the doctor."""

Uvci = Annotated[str, formed(255, "^[0-9A-Za-z#/-]+$", "Latin letters, digits, hyphens, slashes and #")]
"""uvciBase: the number of a vaccination certificate; its length is our bound."""

NhifNumber = Annotated[str, formed(10, ONE_LINE, LINE_FORM), VISIBLE]

Phone = Annotated[str, formed(15, "^[0-9]{1,15}$", "1 to 15 digits without signs or spaces")]

Country = Annotated[str, formed(2, "^[A-Z]{2}$", "two capital Latin letters (CL005)")]
"""CL005: two capital letters (ISO 3166)."""

Code = Annotated[
    str,
    formed(20, "^[0-9A-Za-z.+-]{1,20}$", "a key of the nomenclature: Latin letters, digits, dots and signs"),
]
"""A key of a nomenclature. Keys change, so they are checked against the cached lists, not here."""

NhifVaccineCode = Annotated[str, formed(2, "^[0-9A-Za-z]{2}$", "exactly 2 Latin letters or digits")]

Ekatte = Annotated[str, formed(5, "^[0-9]{5}$", "exactly 5 digits")]

Batch = Annotated[
    str,
    formed(22, "^[!-~]([ -~]*[!-~])?$", "up to 22 Latin letters, digits and signs, as printed on the pack"),
]
"""lotBase, snBase: 1 to 22 characters as printed on the pack (Latin letters, digits, ASCII signs)."""
