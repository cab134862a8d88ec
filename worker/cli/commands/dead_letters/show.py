"""`herald dead-letters show`: one dead letter, and its record for those who ask for it by name."""

from __future__ import annotations

import base64
from typing import Annotated

import typer

from worker.admin.dead_letters import CameAs, read_event, show_dead_letter
from worker.cli.access import Config, run, settings_of
from worker.cli.commands.dead_letters.options import Reference
from worker.cli.commands.dead_letters.tables import entry_shown, print_one
from worker.cli.operator import PerhapsBy, PerhapsWhy, acting
from worker.cli.output import AsJson, print_json, print_table
from worker.cli.tables import printable


def show(
    dead_letter_id: Reference,
    config: Config = None,
    *,
    event: Annotated[
        bool,
        typer.Option(
            "--event",
            help="Print key, headers and value of the record as it came. Health data; the audit log says who read it.",
        ),
    ] = False,
    reason: PerhapsWhy = None,
    by: PerhapsBy = None,
    as_json: AsJson = False,
) -> None:
    """Show one dead letter: its reason, its submission's present state, and the audit log."""
    journal = settings_of(config).journal
    came = run(read_event(journal, dead_letter_id, who=acting(by), reason=reason)) if event else None
    found = run(show_dead_letter(journal, dead_letter_id))
    if as_json:
        document = {
            "dead_letter": found.letter,
            "submission": found.submission,
            "acts": [entry_shown(one) for one in found.audit],
        }
        print_json(document | ({"event": _document(came)} if came else {}))
        return
    print_one(found)
    if came:
        _print(came)


def _document(came: CameAs) -> dict[str, object]:
    """Return the record as programs read it: bytes that are no text in UTF-8 become `{"base64": …}`."""
    place = {"topic": came.topic, "partition": came.partition, "offset": came.offset}
    headers = [{"name": name, "value": value} for name, value in came.headers]
    return {**place, "key": came.key, "headers": headers, "value": came.value}


def _print(came: CameAs) -> None:
    place = f"{came.topic}, partition {came.partition}, offset {came.offset}"
    rows = [("record", place), ("key", _text(came.key))]
    rows += [(f"header {name}", _text(value)) for name, value in came.headers]
    print_table(("", ""), rows, below=True)
    typer.echo("" if came.value is None else printable(_text(came.value) or ""))


def _text(value: bytes | None) -> str | None:
    """Return bytes as text, or in base64 where they are none."""
    if value is None:
        return None
    try:
        return value.decode()
    except UnicodeDecodeError:
        return f"base64: {base64.b64encode(value).decode()}"
