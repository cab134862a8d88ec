"""The key of a command, and what all commands of a ticket's holder have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from contracts.immutable import immutable
from worker.journal.encoding import storable

if TYPE_CHECKING:
    from worker.pipeline.ports import Ticket

Key: TypeAlias = tuple[str, str]
"""Commands of one key are written in the order they came, never two in one transaction."""


@immutable
class Held:
    """A command by the holder of a ticket. ``weight`` is in bytes and bounds the size of a transaction."""

    ticket: Ticket

    @property
    def key(self) -> Key:
        """The submission."""
        return storable(self.ticket.source), storable(self.ticket.id)

    @property
    def weight(self) -> int:
        """Nothing beside the row itself."""
        return 0
