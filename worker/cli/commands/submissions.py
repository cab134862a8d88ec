"""`herald submissions`: what the journal knows of submissions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from worker.admin.evidence import Evidence, evidence_of
from worker.admin.submissions import each_submission, list_submissions, show_submission
from worker.admin.views import AttemptRow, SubmissionDetail, SubmissionFilter, SubmissionRow, WaitingRow
from worker.cli.access import TIMES, Config, KnownOperation, KnownSystem, not_empty, run, settings_of
from worker.cli.listing import AllRows, AtMost, say_how_many, wanted_rows
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, print_json_list, print_table, say
from worker.cli.tables import ago, when
from worker.pipeline.ports import Phase, State

app = typer.Typer(no_args_is_help=True, help="Show the submissions that the journal holds.")

_COLUMNS = (
    "submission",
    "operation",
    "signer",
    "state",
    "rev",
    "attempts",
    when("received"),
    when("finished"),
)
_SPARE = ("rev", "attempts", "finished (UTC)", "signer")


@app.command(name="list")
def list_(
    config: Config = None,
    *,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    system: KnownSystem = None,
    operation: KnownOperation = None,
    signer: Annotated[str | None, typer.Option(help="Only this signer's.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=TIMES, help="Only those received since then (UTC).")
    ] = None,
    limit: AtMost = None,
    everything: AllRows = False,
    as_json: AsJson = False,
) -> None:
    """List submissions, newest first. --json prints all, unless --limit is given."""
    wanted = SubmissionFilter(
        state=state,
        system=system,
        operation=operation,
        signer=signer,
        since=since and since.replace(tzinfo=UTC),
    )
    rows = wanted_rows(limit, everything=everything, as_json=as_json)
    journal = settings_of(config).journal
    if as_json:
        run(print_json_list(each_submission(journal, wanted, rows)))
        return
    page, now = run(list_submissions(journal, wanted, rows)), datetime.now(UTC)
    print_table(_COLUMNS, (_line(row, now) for row in page.rows), spare=_SPARE)
    say_how_many(page, "submission")


@app.command()
def show(
    submission_id: Annotated[str, typer.Argument(metavar="ID", callback=not_empty, help="The event's id.")],
    config: Config = None,
    *,
    source: Annotated[
        str | None, typer.Option(help="The event's source, if several sources used this id.")
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            help="Write the signed requests, the answers and the reply to this folder; they hold health data."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one submission: its state, every attempt, its reply and dead letter."""
    found = run(show_submission(settings_of(config).journal, submission_id, source))
    if evidence is not None:
        try:
            for detail in found:
                _write(evidence, evidence_of(detail))
        except OSError as error:
            fail(f"--evidence {evidence}: {error.strerror}", WRONG_USE)
    if as_json:
        print_json([_without_bodies(detail) for detail in found])
        return
    for detail in found:
        _print(detail)


def _line(row: SubmissionRow, now: datetime) -> tuple[object, ...]:
    return (
        row.id,
        row.operation,
        row.signer,
        row.state.value,
        row.revision,
        row.attempts,
        ago(row.received_at, now),
        ago(row.finished_at, now),
    )


def _print(detail: SubmissionDetail) -> None:
    row = detail.submission
    doubtful = row.in_doubt and row.finished_at is None and row.state is not State.WAITING
    state = row.state.value + (" (in doubt)" if doubtful else "")
    print_table(
        ("", ""),
        (
            ("submission", row.id),
            ("source", row.source),
            ("type", row.type),
            ("signer", row.signer),
            ("identity", row.identity),
            ("state", state),
            ("revision", row.revision),
            ("record", f"{row.topic} [{row.partition}] at {row.offset}"),
            ("received (UTC)", row.received_at),
            ("next attempt (UTC)", row.next_attempt),
            *_waiting(detail.waiting),
            ("finished (UTC)", row.finished_at),
            ("answered", "yes" if row.answered else "not yet acknowledged"),
            ("evidence", _evidence(row)),
            (
                "dead letter",
                f"{row.dead_letter_id}: {detail.dead_letter.reason}" if detail.dead_letter else None,
            ),
        ),
    )
    if detail.attempts:
        columns = (
            "attempt",
            "purpose",
            "sent (UTC)",
            "received (UTC)",
            "status",
            "outcome",
            "reason",
            "detail",
        )
        print_table(columns, (_attempt(one) for one in detail.attempts), below=True)
    if detail.notifications:
        head = ("notification", "type", "received (UTC)", "published (UTC)")
        rows = ((one.id, one.type, one.received_at, one.published_at) for one in detail.notifications)
        print_table(head, rows, below=True)


def _waiting(row: WaitingRow | None) -> tuple[tuple[str, object], ...]:
    """Say what is known of an answer that comes later, or of its acknowledgement; nothing without either."""
    if row is None:
        return ()
    what, last = ("ask", "asked until") if row.phase is Phase.ASK else ("acknowledgement", "repeated until")
    return (
        ("system's reference", row.reference),
        ("taken (UTC)", row.taken_at),
        (f"{what}s so far", row.asks),
        (f"next {what} (UTC)", row.due),
        (f"{last} (UTC)", row.give_up_at),
    )


def _evidence(row: SubmissionRow) -> str:
    removed = row.evidence_removed_at
    told = f"removed by retention {removed:%Y-%m-%d}" if removed else "kept"
    return f"{told}; of the reply a summary" if row.summarized else told


def _attempt(one: AttemptRow) -> tuple[object, ...]:
    return (
        one.number,
        one.purpose if one.step is None else f"{one.purpose} ({one.step})",
        one.sent_at,
        one.received_at,
        one.status,
        one.outcome,
        one.reason,
        one.detail,
    )


def _server(url: str) -> str:
    """Cut an address to its server, as retention does: a path may hold parameters, such as a patient's number."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _without_bodies(detail: SubmissionDetail) -> dict[str, object]:
    """Leave the health data out: `--evidence` is the deliberate way to it."""
    attempts = [
        {
            "number": one.number,
            "purpose": one.purpose,
            "step": one.step,
            "message_id": one.message_id,
            "url": _server(one.url),
            "sent_at": one.sent_at,
            "received_at": one.received_at,
            "status": one.status,
            "outcome": one.outcome,
            "reason": one.reason,
            "detail": one.detail,
        }
        for one in detail.attempts
    ]
    dead = detail.dead_letter
    return {
        "submission": detail.submission,
        "attempts": attempts,
        "waiting": detail.waiting,
        "dead_letter": {"id": dead.id, "reason": dead.reason, "topic": dead.topic} if dead else None,
        "notifications": [
            {
                "id": one.id,
                "type": one.type,
                "received_at": one.received_at,
                "published_at": one.published_at,
                "topic": one.topic,
            }
            for one in detail.notifications
        ],
    }


def _write(directory: Path, evidence: Evidence) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if removed := evidence.removed_at:
        say(f"The evidence of {evidence.submission_id} was removed by retention on {removed:%Y-%m-%d}.")
    for file in evidence.files:
        path = directory / file.name
        path.touch(mode=0o600)
        path.write_bytes(file.content)
        say(f"wrote {path}")
