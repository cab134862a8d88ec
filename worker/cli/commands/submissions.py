"""`herald submissions`: what the journal knows of submissions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from worker.admin import queries
from worker.admin.views import AttemptRow, SubmissionDetail, SubmissionFilter, SubmissionRow
from worker.cli.configuration import Config, settings_of
from worker.cli.journal_access import TIMES, ask
from worker.cli.output import WRONG_USE, AsJson, fail, print_json, print_table, say
from worker.pipeline.ports import State

app = typer.Typer(no_args_is_help=True, help="What the journal knows of submissions.")

_COLUMNS = (
    "submission",
    "operation",
    "signer",
    "state",
    "rev",
    "attempts",
    "received (UTC)",
    "finished (UTC)",
)


@app.command(name="list")
def list_(
    config: Config = None,
    *,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    system: Annotated[str | None, typer.Option(help="Only this system's.")] = None,
    operation: Annotated[str | None, typer.Option(help="Only this operation's.")] = None,
    signer: Annotated[str | None, typer.Option(help="Only this signer's.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=TIMES, help="Only those received since then (UTC).")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List submissions, newest first."""
    wanted = SubmissionFilter(
        state=state,
        system=system,
        operation=operation,
        signer=signer,
        since=since and since.replace(tzinfo=UTC),
    )
    rows = ask(settings_of(config).journal, lambda c: queries.list_submissions(c, wanted, limit))
    if as_json:
        print_json(rows)
    else:
        print_table(_COLUMNS, (_line(row) for row in rows))


@app.command()
def show(
    submission_id: Annotated[str, typer.Argument(metavar="ID", help="The event's id.")],
    config: Config = None,
    *,
    source: Annotated[
        str | None, typer.Option(help="The event's source, where several used this id.")
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            help="Write the signed requests, the answers and the reply here; they hold health data."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one submission: its state, every attempt, its reply and dead letter."""
    found = ask(settings_of(config).journal, lambda c: queries.show(c, submission_id, source))
    if not found:
        fail(f"The journal has no submission {submission_id}.")
    if evidence is not None:
        try:
            for detail in found:
                _write_evidence(evidence, detail)
        except OSError as error:
            fail(f"--evidence {evidence}: {error.strerror}", WRONG_USE)
    if as_json:
        print_json([_without_bodies(detail) for detail in found])
        return
    for detail in found:
        _print(detail)


def _line(row: SubmissionRow) -> tuple[object, ...]:
    return (
        row.id, row.operation, row.signer, row.state.value, row.revision, row.attempts, row.received_at, row.finished_at
    )  # fmt: skip


def _print(detail: SubmissionDetail) -> None:
    row = detail.submission
    state = row.state.value + (" (in doubt)" if row.in_doubt and row.finished_at is None else "")
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
        print_table(columns, (_attempt(one) for one in detail.attempts))


def _evidence(row: SubmissionRow) -> str:
    removed = row.evidence_removed_at
    told = f"removed by retention {removed:%Y-%m-%d}" if removed else "kept"
    return f"{told}; of the reply a summary" if row.summarized else told


def _attempt(one: AttemptRow) -> tuple[object, ...]:
    return (
        one.number,
        one.purpose,
        one.sent_at,
        one.received_at,
        one.status,
        one.outcome,
        one.reason,
        one.detail,
    )


def _server(url: str) -> str:
    """Cut an address to its server, as retention does: a path may hold parameters, and so a patient's number."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _without_bodies(detail: SubmissionDetail) -> dict[str, object]:
    """Leave the health data out: `--evidence` is the deliberate way to it."""
    attempts = [
        {
            "number": one.number,
            "purpose": one.purpose,
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
        "dead_letter": {"id": dead.id, "reason": dead.reason, "topic": dead.event.topic} if dead else None,
    }


def _write_evidence(directory: Path, detail: SubmissionDetail) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if removed := detail.submission.evidence_removed_at:
        say(f"The evidence of {detail.submission.id} was removed by retention on {removed:%Y-%m-%d}.")
    for one in detail.attempts:
        _write(directory / f"{one.message_id}.request{_suffix(one.request)}", one.request)
        _write(directory / f"{one.message_id}.answer{_suffix(one.answer)}", one.answer)
    if detail.reply is not None:
        _write(directory / f"{detail.submission.id}.reply.json".replace("/", "_"), detail.reply.value)


def _suffix(content: bytes | None) -> str:
    """Name the form of a body by its beginning, so that programs open it as what it is."""
    return _SUFFIXES.get((content or b"").lstrip(b"\xef\xbb\xbf \t\r\n")[:1], "")


_SUFFIXES = {b"<": ".xml", b"{": ".json", b"[": ".json"}


def _write(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.touch(mode=0o600)
        path.write_bytes(content)
        say(f"wrote {path}")
