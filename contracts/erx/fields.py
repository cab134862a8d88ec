"""The simple types of eRx fields: what of a value can be checked by looking at it alone.

The register's document shows examples and states hardly a limit: the limits here are ours.
"""

from __future__ import annotations

from typing import Annotated

from contracts.fields import formed

InternalId = Annotated[
    str, formed(64, "^[0-9A-Za-z][0-9A-Za-z._-]*$", "Latin letters, digits, dots, hyphens and underscores")
]
"""The hospital's own identifier: it stands in addresses and, as a part, in barcodes."""

BookletPart = Annotated[str, formed(3, "^[ABC][0-9]{1,2}$", "the strip A, B or C and the row on it, as A0")]

Barcode = Annotated[
    str,
    formed(128, "^[0-9A-Za-zА-Яа-я][0-9A-Za-zА-Яа-я._-]*$", "letters, digits, dots, hyphens and underscores"),
]
"""A prescription's barcode; the document's own examples end in a Cyrillic А."""

Icd10 = Annotated[str, formed(6, "^[A-Z][0-9]{2}([.][0-9]{1,2})?$", "an ICD-10 code, as J30.1")]

MedicationCode = Annotated[str, formed(20, "^[0-9A-Za-z]+$", "Latin letters and digits")]

SpecialtyCode = Annotated[str, formed(10, "^[0-9A-Za-z]+$", "Latin letters and digits")]

Username = Annotated[
    str, formed(100, "^[0-9A-Za-z][0-9A-Za-z._@-]*$", "Latin letters, digits and . _ @ -, without spaces")
]

CredentialName = Annotated[
    str, formed(100, "^[0-9A-Za-z._-]+$", "the name of a secret: Latin letters, digits and . _ -")
]

PhoneNumber = Annotated[str, formed(30, "^[+]?[0-9][0-9 /-]*$", "digits, between them spaces, / and -")]
