"""The base of every model in the contracts: immutable, closed, camelCase outside, silent on content."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from contracts.attribute_docs import DescribedModel

if TYPE_CHECKING:
    from collections.abc import Sequence


def given(name: str, title: str | None = None) -> dict[str, Any]:
    """Return the JSON Schema of an object that has this field, and not as null.

    As one of several ways it has a title, by which code generators name a class for it.
    """
    named = {"title": title} if title else {}
    return {**named, "required": [name], "properties": {name: {"not": {"type": "null"}}}}


def ways(keyword: str, model: str, *names: str) -> ConfigDict:
    """Publish in a model's schema that exactly one (`oneOf`) or at least one (`anyOf`) of its fields is given."""
    # In `allOf`, so that code generators make one class of the model rather than one of each way.
    return ConfigDict(json_schema_extra={"allOf": [named_ways(keyword, model, *names)]})


def named_ways(keyword: str, model: str, *names: str) -> dict[str, Any]:
    """Return the JSON Schema of an object that has exactly one (`oneOf`) or at least one (`anyOf`) of these fields."""
    return {keyword: [given(name, f"{model}By{name[:1].upper()}{name[1:]}") for name in names]}


class ContractModel(DescribedModel):
    """A closed, immutable object. Python names are snake_case, JSON names camelCase.

    It holds health data, so neither its repr nor a validation error shows any value.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    def __repr_args__(self) -> Sequence[tuple[str | None, Any]]:
        return ()
