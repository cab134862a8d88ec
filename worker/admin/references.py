"""How an operator names a dead letter: by its id, by the beginning of it, or by its submission's id."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.immutable import immutable
from worker.admin.connection import connected
from worker.admin.errors import ActFailed, AmbiguousId
from worker.journal.claims import LetterState

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from worker.journal.settings import JournalSettings

SHORTEST = 4
"""Characters of an id that name a dead letter; fewer could name another one tomorrow."""
_SAID = 5  # of several that fit

_FIND = """
select id, submission_id, source, reason, state from dead_letters
where id = $1 or submission_id = $1 or (length($1) >= $2 and starts_with(id, $1))
order by created_at desc, id
"""
_UNFINISHED = (LetterState.OPEN, LetterState.REPLAYING)


@immutable
class Match:
    """A dead letter that a name may mean."""

    id: str
    submission_id: str | None
    source: str | None
    reason: str
    state: LetterState


async def find_dead_letter(journal: JournalSettings, reference: str) -> str:
    """Return the id of the dead letter that is meant. Raises ActFailed where there is none, AmbiguousId."""
    async with connected(journal, "dead letters") as connection:
        (found,) = await resolved(connection, [reference])
    return found


async def resolved(connection: asyncpg.Connection, references: Sequence[str]) -> tuple[str, ...]:
    """Return the ids that are meant, each once. Raises ActFailed for what names nothing, and AmbiguousId."""
    found: dict[str, str | None] = {}
    for reference in references:
        rows = await connection.fetch(_FIND, reference, SHORTEST)
        matches = [Match(**{**row, "state": LetterState(row["state"])}) for row in rows]
        found[reference] = meant(reference, matches)
    if unknown := sorted(reference for reference, one in found.items() if one is None):
        short = (
            f" An id needs {SHORTEST} or more characters."
            if any(len(one) < SHORTEST for one in unknown)
            else ""
        )
        raise ActFailed(f"The journal has no dead letter {', '.join(unknown)}.{short}")
    return tuple(dict.fromkeys(one for one in found.values() if one is not None))


def meant(reference: str, matches: Sequence[Match]) -> str | None:
    """Choose among the dead letters that fit; None where there is none. Raises AmbiguousId.

    A submission may have died several times: then the dead letter that still waits is meant.
    """
    exact = [one for one in matches if one.id == reference]
    chosen = exact or list(matches)
    if len(chosen) > 1 and len({(one.source, one.submission_id) for one in chosen}) == 1:
        chosen = [one for one in chosen if one.state in _UNFINISHED] or chosen
    if len(chosen) > 1:
        raise AmbiguousId(_several(reference, chosen))
    return chosen[0].id if chosen else None


def _several(reference: str, matches: Sequence[Match]) -> str:
    told = [
        f"  {one.id} ({one.reason}, {one.state}, of {one.source or 'no known source'})" for one in matches
    ]
    more = [f"  and {len(told) - _SAID} more"] if len(told) > _SAID else []
    return "\n".join([f"{reference} names several dead letters; say which by its id:", *told[:_SAID], *more])
