"""The simple types of the portal's fields: what of a value can be checked by looking at it alone."""

from __future__ import annotations

from typing import Annotated

from contracts.fields import formed

OperationName = Annotated[
    str,
    formed(128, "^[A-Za-z_][A-Za-z0-9_.-]*$", "letters a-z, digits and _ . -, beginning with a letter or _"),
]
"""The name of an operation, as the operator's WSDL has it."""

Code = Annotated[str, formed(64, "^[!-~]+$", "ASCII letters, digits and signs, without spaces")]
"""A number or a code of the portal. Its form is not public; this much is sent in an address."""
