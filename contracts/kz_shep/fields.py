"""The simple types of SHEP's fields: what of a value can be checked by looking at it alone."""

from __future__ import annotations

from typing import Annotated

from contracts.fields import LINE_FORM, ONE_LINE, VISIBLE, formed

Line = Annotated[str, formed(100, ONE_LINE, LINE_FORM), VISIBLE]
"""xs:string; its length is our bound."""

Iin = Annotated[str, formed(12, "^[0-9]{12}$", "exactly 12 digits")]
