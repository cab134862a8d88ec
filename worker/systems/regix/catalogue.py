"""The operations of RegiX: those that ship with Herald (schemas/regix/operations.yaml), and the operator's own."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import yaml

from contracts.immutable import immutable
from schemas import shipped
from worker.systems.port import Recovery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.systems.regix.settings import OwnOperation

FOLDER = shipped("regix")
OWN = "settings"
"""The mark of an entry that the operator's settings have."""


@immutable
class Entry:
    """One operation. ``argument`` is the file of its argument's schema in `arguments/`, None where there is none.

    ``mark`` says how it is known whether it writes: confirmed, inferred, or settings.
    """

    name: str
    operation: str
    title: str
    register: str
    writes: bool
    mark: str
    argument: str | None = None

    @property
    def recovery(self) -> Recovery:
        """What only reads may be repeated; what may write is held."""
        return Recovery.HOLD if self.writes else Recovery.REPEAT


@cache
def shipped_operations() -> Mapping[str, Entry]:
    """Return the shipped operations, by their short names."""
    # By libyaml: PyYAML's own reader would need a tenth of a second at each start.
    document = yaml.load((FOLDER / "operations.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    entries = (Entry(**one) for one in document["operations"])
    return MappingProxyType({entry.name: entry for entry in entries})


def catalogue(own: Mapping[str, OwnOperation]) -> Mapping[str, Entry]:
    """Return all operations by their short names; the operator's take the place of shipped ones.

    An operator who corrects an operation under its full name keeps the schema of its argument.
    """
    known = dict(shipped_operations())
    for name, one in own.items():
        before = known.get(name)
        same = before is not None and before.operation == one.operation
        known[name] = Entry(
            name=name,
            operation=one.operation,
            title=one.title or (before.title if before and same else ""),
            register=before.register if before and same else "",
            writes=one.writes,
            mark=OWN,
            argument=before.argument if before and same else None,
        )
    return MappingProxyType(known)


def unlisted(name: str) -> Entry:
    """Return an operation that the catalogue no longer has: nothing is known of it, so it may write."""
    return Entry(name=name, operation=name, title="", register="", writes=True, mark=OWN)
