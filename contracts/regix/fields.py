"""The simple types of RegiX fields: what of a value can be checked by looking at it alone."""

from __future__ import annotations

from typing import Annotated

from contracts.fields import LINE_FORM, ONE_LINE, VISIBLE, formed

OPERATION_NAME = "^[A-Za-z][A-Za-z0-9_.]*$"

OperationName = Annotated[
    str, formed(128, OPERATION_NAME, "letters a-z, digits and . _, beginning with a letter")
]
"""The short name of an operation, as the catalogue has it."""

Egn = Annotated[str, formed(10, "^[0-9]{10}$", "exactly 10 digits")]
"""A personal number (ЕГН). The registers' schemas ask for ten digits and no more: whether there is such a person is
what some operations are asked for."""

PersonNumber = Annotated[str, formed(20, "^[0-9A-Za-z]+$", "letters a-z and digits")]
"""An ЕГН or a foreigner's number (ЛНЧ). The registers' schemas have any text; the form and the length are ours."""

ProductNumber = Annotated[str, formed(50, "^[0-9A-Za-z./-]+$", "letters a-z, digits and . / -")]
"""The number of a medicinal product. The register's schema has any text; the form and the length are ours."""

ContextLine = Annotated[str, formed(500, ONE_LINE, LINE_FORM), VISIBLE]
"""One line of the context of a request; the length is ours."""

CallId = Annotated[str, formed(40, "^[0-9]+([.][0-9]+)?$", "a number, as RegiX gives it")]
"""What RegiX calls a request (ServiceCallID, xs:decimal)."""
