"""The options of `herald dead-letters`: which dead letters, and what is stated of them."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, TypeAlias

import typer

from contracts.immutable import immutable
from contracts.reasons import Reason
from worker.admin.settlement_policy import Verdict
from worker.admin.views import DeadLetterFilter
from worker.cli.access import TIMES, KnownOperation, KnownSystem, not_empty
from worker.cli.output import WRONG_USE, fail
from worker.cli.shared_options import takes
from worker.journal.claims import LetterState


def _none_empty(values: list[str] | None) -> list[str] | None:
    for value in values or ():
        not_empty(value)
    return values


Reference: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        callback=not_empty,
        help="The dead letter's id, its first characters (four or more), or the id of its submission.",
    ),
]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be done; change nothing.")
]


@immutable
class Selected:
    """Which dead letters an act takes. ``by_id``: the person named each; ``limit``: the largest number."""

    wanted: DeadLetterFilter
    by_id: bool
    limit: int | None


def filter_of(
    *,
    code: Annotated[Reason | None, typer.Option(help="Only those of this reason code.")] = None,
    system: KnownSystem = None,
    operation: KnownOperation = None,
    signer: Annotated[str | None, typer.Option(help="Only this signer's.")] = None,
    source: Annotated[str | None, typer.Option(help="Only those of this event source.")] = None,
    key: Annotated[
        str | None,
        typer.Option(
            help="Only those of this Kafka key, the patient's. - reads it from stdin, so that no process shows it."
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            help="Only those with this text in their reason or detail, or in those of the submission's attempts. "
            "Records, messages and answers are not searched: they hold health data."
        ),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=TIMES, help="Only those that died then or later (UTC).")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=TIMES, help="Only those that died before that (UTC).")
    ] = None,
) -> DeadLetterFilter:
    """Return the filter that the options make, or end the command where nothing can fit them."""
    if since and until and since >= until:
        fail("--since must be before --until.", WRONG_USE)
    return DeadLetterFilter(
        reason=code,
        system=system,
        operation=operation,
        signer=signer,
        source=source,
        key=None if key is None else key_bytes(key),
        text=text,
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
    )


@takes("filters", filter_of)
def selection(
    *,
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID]...",
            callback=_none_empty,
            help="Dead letters by id, by its first characters, or by their submission's id; instead of filters.",
        ),
    ] = None,
    filters: DeadLetterFilter,
    limit: Annotated[
        int | None, typer.Option(min=1, help="The largest number to take, in the order of their arrival.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All open dead letters, without any filter.")
    ] = False,
) -> Selected:
    """Return which dead letters an act takes, or end the command where the options do not say which."""
    given = filters != DeadLetterFilter()
    if ids:
        if given or everything:
            fail("Give ids or filters, not both.", WRONG_USE)
        return Selected(DeadLetterFilter(ids=tuple(ids)), by_id=True, limit=limit)
    if given == everything:
        fail(
            "Say which dead letters: their ids, or a filter (--code, --since, …), or --all for every open one.",
            WRONG_USE,
        )
    return Selected(replace(filters, state=LetterState.OPEN), by_id=False, limit=limit)


def key_bytes(text: str) -> bytes:
    """Return the key's bytes; a line break at the end of stdin does not count."""
    return sys.stdin.buffer.read().rstrip(b"\r\n") if text == "-" else text.encode()


def stated(verdict: Verdict, nrn: str | None, pairs: list[str]) -> dict[str, object] | None:
    """Return the data that is stated, None with `--as not-sent`; or end the command where options contradict."""
    if verdict is Verdict.NOT_SENT:
        if nrn is not None or pairs:
            fail("--nrn and --data describe what the system has: use them with --as accepted.", WRONG_USE)
        return None
    members = dict(_member(pair) for pair in pairs)
    return members if nrn is None else {"nrn": nrn, **members}


def _member(pair: str) -> tuple[str, object]:
    name, separator, text = pair.partition("=")
    if not separator or not name:
        fail("--data: give NAME=VALUE, as in status=1.", WRONG_USE)
    return name, {"true": True, "false": False}.get(text, text)
