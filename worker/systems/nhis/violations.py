"""A breach of the schema, told in the terms of the event: which of its fields made the element."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contracts.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.systems.nhis.fields import Field
    from worker.xml.explain import SchemaProblem

_INDEX = re.compile(r"\[[0-9]+\]")
_CONTENTS = "message/contents/"


def told(problems: Iterable[SchemaProblem], rows: tuple[Field, ...]) -> list[Problem]:
    """Return the problems with the JSON path of the field, as near as it is known."""
    return [problem(found.path, f"does not fit the schema: {found}", rows) for found in problems]


def problem(element_path: str, message: str, rows: tuple[Field, ...]) -> Problem:
    """Return one problem; it is of all the data where no field makes the element."""
    element = _INDEX.sub("", element_path).strip("/").removesuffix("/@value").replace("/@", "@")
    below = element.removeprefix(_CONTENTS) if element.startswith(_CONTENTS) else None
    names = [row.name for row in rows if row.element == below]
    return Problem(f"$.data.{names[0]}" if names else "$.data", "schema", f"The value {message}.")
