"""`herald dead-letters settle`: state what a person found in the national system."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from worker.admin.references import find_dead_letter
from worker.admin.settle import preview_settlement, settle_dead_letter
from worker.admin.settlement import Asked, Settlement
from worker.admin.settlement_policy import Verdict
from worker.cli.access import Config, run, settings_of
from worker.cli.commands.dead_letters.options import DryRun, Reference, stated
from worker.cli.operator import PerhapsBy, Why, acting
from worker.cli.output import AsJson, print_json, say


def settle(
    dead_letter_id: Reference,
    config: Config = None,
    *,
    verdict: Annotated[
        Verdict,
        typer.Option(
            "--as", help="The result of the look-up in the national system: it is there, or it is not."
        ),
    ],
    reason: Why,
    nrn: Annotated[
        str | None,
        typer.Option(
            help="The number that it has there, where the system gives one; with --as accepted. "
            "By default the one that the system named (`reference` in the held reply)."
        ),
    ] = None,
    data: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="Further data of the accepted reply, as status=1 or reference=2025/17; repeatable.",
        ),
    ] = None,
    by: PerhapsBy = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """State what a person found about a held submission; this publishes its next revision."""
    statement = stated(verdict, nrn, data or [])
    who = "" if dry_run else acting(by)
    settings = settings_of(config)
    found = run(find_dead_letter(settings.journal, dead_letter_id))
    act = preview_settlement if dry_run else settle_dead_letter
    settlement = run(act(settings, Asked(found, statement, who=who, reason=reason)))
    if as_json or dry_run:
        print_json(
            {"settled": not dry_run, "repeated": settlement.repeated, "reply": _reply_shown(settlement)}
        )
    say(_told(settlement, verdict, dry_run=dry_run))


def _told(settlement: Settlement, verdict: Verdict, *, dry_run: bool) -> str:
    if dry_run:
        return "Nothing was changed."
    if settlement.repeated:
        return "It was already settled this way: its reply is published again."
    if verdict is Verdict.NOT_SENT:
        return "Settled as not sent. `herald dead-letters replay` sends it."
    return "Settled as accepted."


def _reply_shown(settlement: Settlement) -> dict[str, object]:
    """Return the reply as a reader has it."""
    reply = settlement.reply
    return {
        "topic": reply.topic,
        "headers": {name: (value or b"").decode() for name, value in reply.headers},
        "value": json.loads(reply.value or b"null"),
    }
