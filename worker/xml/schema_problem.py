"""One breach of a schema, as it is told: this module does without xmlschema, whose import takes long."""

from __future__ import annotations

import re

from contracts.immutable import immutable

# xmlschema writes the namespace itself where it knows no prefix.
_PREFIX = re.compile(r"(?<=/)(?:\{[^}]*\}|[^/:\[\]{}]+:)")


@immutable
class SchemaProblem:
    """One breach of the schema.

    ``path`` is like an XPath, in local names. ``rule`` quotes the schema, never the message. ``value`` is the
    class of the value ("11 characters: digits"), or None where the rule is about structure.
    """

    path: str
    rule: str
    value: str | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}{'' if self.value is None else f' (the value has {self.value})'}"


def local_path(path: str | None) -> str:
    """Return an XPath in local names."""
    return _PREFIX.sub("", path or "/")
