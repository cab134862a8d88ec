"""The catalogue's operations as people are shown them, by `herald regix operations`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.systems.listed import ListedOperation
from worker.systems.regix.catalogue import catalogue

if TYPE_CHECKING:
    from worker.systems.regix.settings import RegixSettings


def listed(settings: RegixSettings | None) -> list[ListedOperation]:
    """Return every operation, with those of the settings where there are any."""
    entries = catalogue({} if settings is None else settings.operations).values()
    return [
        ListedOperation(
            name=entry.name,
            operation=entry.operation,
            title=entry.title,
            register=entry.register,
            writes=entry.writes,
            mark=entry.mark,
            recovery=entry.recovery.value,
            argument="typed" if entry.argument else "xml",
        )
        for entry in sorted(entries, key=lambda one: (one.register, one.name))
    ]
