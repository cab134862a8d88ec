"""The operations that the journal port's conformance suite needs of a journal beside the port itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from tests.support.postgres.journal import dead_letter, final, received, request, sending
from worker.journal.claims import LetterState
from worker.pipeline.ports import Claimed, Journal, State


class JournalWorld(Protocol):
    """Several workers' journals over one durable memory, and what happens around them (a lease that lapses)."""

    async def open(self, owner: str) -> Journal:
        """Open the journal of a worker that just started."""

    async def lapse(self, owner: str) -> None:
        """Let a worker be silent for longer than its lease."""

    async def renew(self, owner: str) -> None:
        """Let it renew its lease."""

    async def mark(self, letter_id: str, state: LetterState) -> None:
        """Let a person do something about a dead letter."""

    async def detail_kept(self, letter_id: str) -> str:
        """Return the detail of a dead letter as it is kept."""

    async def notices_kept(self) -> Sequence[tuple[str, str, str | None]]:
        """Return id, value and submission of the kept notifications, in the order in which they are published."""


async def claimed(journal: Journal, name: str = "s-1", **changes: Any) -> Claimed:
    """Claim a submission and get it."""
    result = await journal.claim(request(name, **changes))
    assert isinstance(result, Claimed)
    return result


async def sent(journal: Journal, name: str = "s-1", *, in_doubt: bool = True, **changes: Any) -> Claimed:
    """Claim a submission and let its first attempt leave."""
    held = await claimed(journal, name)
    await journal.sending(held.ticket, sending(**changes), in_doubt=in_doubt)
    return held


async def died(journal: Journal, state: State = State.FAILED, *, send: bool = True, **changes: Any) -> None:
    """Let submission s-1 end with dead letter d-1."""
    held = await claimed(journal, **changes)
    if send:
        await journal.sending(held.ticket, sending(), in_doubt=True)
    await journal.finish(held.ticket, final(state, dead_letter=dead_letter()), received() if send else None)
