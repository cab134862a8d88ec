"""A part of a list, with how long the whole list is: omissions are always reported."""

from __future__ import annotations

from typing import Generic, TypeVar

from contracts.immutable import immutable

Row = TypeVar("Row")


@immutable
class Page(Generic[Row]):
    """The first rows of a list. ``total`` counts all that fit."""

    rows: tuple[Row, ...]
    total: int

    @property
    def left_out(self) -> bool:
        """Whether there is more than these rows."""
        return len(self.rows) < self.total
