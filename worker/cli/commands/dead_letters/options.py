"""The options of `herald dead-letters`: which dead letters, who does it, and why."""

from __future__ import annotations

import getpass
import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import typer

from contracts.reasons import Reason
from worker.admin.settlement_policy import Verdict
from worker.admin.views import DeadLetterFilter
from worker.cli.access import TIMES
from worker.cli.output import WRONG_USE, fail
from worker.journal.claims import LetterState

Ids: TypeAlias = Annotated[
    list[str] | None, typer.Argument(metavar="[ID]...", help="Dead letters by id, instead of by filters.")
]
Code: TypeAlias = Annotated[Reason | None, typer.Option(help="Only those of this reason code.")]
System: TypeAlias = Annotated[str | None, typer.Option(help="Only this system's.")]
Operation: TypeAlias = Annotated[str | None, typer.Option(help="Only this operation's.")]
Signer: TypeAlias = Annotated[str | None, typer.Option(help="Only this signer's.")]
Since: TypeAlias = Annotated[
    datetime | None, typer.Option(formats=TIMES, help="Only those that died then or later (UTC).")
]
Until: TypeAlias = Annotated[
    datetime | None, typer.Option(formats=TIMES, help="Only those that died before that (UTC).")
]
Limit: TypeAlias = Annotated[
    int | None, typer.Option(min=1, help="At most so many, in the order in which they came.")
]
All: TypeAlias = Annotated[bool, typer.Option("--all", help="All open ones, without any filter.")]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be done; change nothing.")
]
Why: TypeAlias = Annotated[str, typer.Option("--reason", help="Why; it stays in the journal.")]
PerhapsWhy: TypeAlias = Annotated[
    str | None, typer.Option("--reason", help="Why, if there is something to say; it stays in the journal.")
]


def _person() -> str:
    """Return the name of the user who runs the command."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user here: a container with a number only
        return f"uid {os.getuid()}"


By: TypeAlias = Annotated[
    str, typer.Option("--by", default_factory=_person, show_default="your user's name", help="Who does it.")
]


def some_filter(
    *,
    code: Reason | None,
    system: str | None,
    operation: str | None,
    signer: str | None,
    since: datetime | None,
    until: datetime | None,
    state: LetterState | None = None,
) -> DeadLetterFilter:
    """Return the filter that the options make."""
    return DeadLetterFilter(
        reason=code,
        system=system,
        operation=operation,
        signer=signer,
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
        state=state,
    )


def selection(
    ids: list[str] | None,
    filters: DeadLetterFilter,
    *,
    everything: bool,
) -> DeadLetterFilter:
    """Return which dead letters an act takes, or end the command where the options do not say which."""
    given = filters != DeadLetterFilter()
    if ids:
        if given or everything:
            fail("Give ids or filters, not both.", WRONG_USE)
        return DeadLetterFilter(ids=tuple(ids))
    if given == everything:
        fail(
            "Say which dead letters: their ids, or a filter (--code, --since, …), or --all for every open one.",
            WRONG_USE,
        )
    return replace(filters, state=LetterState.OPEN)


def stated(verdict: Verdict, nrn: str | None, pairs: list[str]) -> dict[str, object] | None:
    """Return the data that is stated, None with `--as not-sent`; or end the command where options contradict."""
    if verdict is Verdict.NOT_SENT:
        if nrn is not None or pairs:
            fail("--nrn and --data say what is there: they go with --as accepted.", WRONG_USE)
        return None
    members = dict(_member(pair) for pair in pairs)
    return members if nrn is None else {"nrn": nrn, **members}


def _member(pair: str) -> tuple[str, object]:
    name, separator, text = pair.partition("=")
    if not separator or not name:
        fail("--data: give NAME=VALUE, as in status=1.", WRONG_USE)
    return name, {"true": True, "false": False}.get(text, text)
