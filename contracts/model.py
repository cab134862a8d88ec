"""The base of every model in the contracts: immutable, closed, camelCase outside, silent on content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

if TYPE_CHECKING:
    from collections.abc import Sequence


def given(name: str) -> dict[str, Any]:
    """Return the JSON Schema of an object that has this field, and not as null."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


class ContractModel(BaseModel):
    """A closed, immutable object. Python names are snake_case, JSON names camelCase.

    It holds health data, so neither its repr nor a validation error shows any value.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    def __repr_args__(self) -> Sequence[tuple[str | None, Any]]:
        return ()
