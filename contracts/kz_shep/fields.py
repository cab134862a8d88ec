"""The simple types of SHEP's fields: what of a value can be checked by looking at it alone."""

from __future__ import annotations

from typing import Annotated

from contracts.fields import formed

# These are refused; the control characters that XML 1.0 cannot carry are among them.
_NO_CONTROL = r"\u0000-\u001f\u007f\ufffe\uffff"
_ONE_LINE = rf"^[^{_NO_CONTROL}]*[^{_NO_CONTROL} ][^{_NO_CONTROL}]*$"

Line = Annotated[str, formed(100, _ONE_LINE, "one line of text, not blank")]
"""xs:string; its length is our bound."""

Iin = Annotated[str, formed(12, "^[0-9]{12}$", "exactly 12 digits")]
