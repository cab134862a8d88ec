"""Classes of values that nobody changes: the type checker sees to that, so that making one costs no more for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

Kind = TypeVar("Kind")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def immutable(cls: type[Kind]) -> type[Kind]:
    """Make a data class with slots, equal and hashed by its fields, which the type checker knows as frozen.

    A frozen one of `dataclasses` sets each of its fields by a call, which makes it three times as dear; a submission
    makes eighty of them.
    """
    return dataclass(slots=True, unsafe_hash=True)(cls)
