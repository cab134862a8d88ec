"""Regular expressions of the operator's, matched in linear time: a careless one must not stall every patient."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError
from pydantic_core import SchemaError


class LinearPattern:
    """A pattern that a whole text must fit, by Rust's engine: without look-around and back references."""

    def __init__(self, text: str) -> None:
        """Compile it. Raises ValueError with a plain sentence."""
        self.text = text
        self._anywhere = _adapter(text)  # alone, or a stray parenthesis would close the group below
        self._whole = _adapter(rf"\A(?:{text})\z")

    def fits(self, value: str) -> bool:
        """Whether the whole value is of this form."""
        return _matches(self._whole, value)

    def occurs_in(self, value: str) -> bool:
        """Whether a part of the value is of this form, as JSON Schema means it."""
        return _matches(self._anywhere, value)


def _matches(pattern: TypeAdapter[str], value: str) -> bool:
    try:
        pattern.validate_python(value)
    except ValidationError:
        return False
    return True


def _adapter(pattern: str) -> TypeAdapter[str]:
    kind = Annotated[str, StringConstraints(pattern=pattern)]
    try:
        return TypeAdapter(kind, config=ConfigDict(regex_engine="rust-regex", hide_input_in_errors=True))
    except SchemaError:
        raise ValueError("must be a regular expression, without look-around and back references") from None
