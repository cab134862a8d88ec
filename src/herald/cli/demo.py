"""`herald demo`: the whole of it on one machine, in less than a minute."""

from __future__ import annotations

import asyncio
import shutil
import signal
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console

from herald.cli.output import FAILED, AsJson, print_json
from herald.demo.acts import Doctor
from herald.demo.audit import mismatches
from herald.demo.morning import Morning
from herald.demo.people import patients
from herald.demo.play import Played, play
from herald.demo.report import Timing, show, summary
from herald.demo.stage import Stage
from herald.worker.journal import queries
from herald.worker.journal.link import session
from herald.worker.journal.settings import JournalSettings
from herald.worker.journal.views import SubmissionFilter


def demo(
    *,
    as_json: AsJson = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running; Ctrl-C ends it.")] = False,
) -> None:
    """Play a hospital's morning against the NHIS sandbox, and hold the answers against its ledger."""
    console = Console(stderr=as_json)
    directory = Path(tempfile.mkdtemp(prefix="herald-demo-"))
    try:
        failed = _demo(console, directory, as_json=as_json, keep=keep)
    except BaseException:
        console.print(f"What was running left its logs in {directory}")
        raise
    if failed:
        console.print(f"The logs are in {directory}")
        raise typer.Exit(FAILED)
    shutil.rmtree(directory, ignore_errors=True)


def _demo(console: Console, directory: Path, *, as_json: bool, keep: bool) -> bool:
    began = time.monotonic()
    console.print("Starting Kafka (embedded), PostgreSQL (embedded), the NHIS sandbox and a worker …")
    with Stage(directory) as stage:
        console.print(f"  ready after {time.monotonic() - began:.1f} s")
        doctors = tuple(Doctor(one["name"], one["uin"]) for one in stage.sandbox.signers)
        morning = Morning(patients(), doctors, datetime.now(ZoneInfo("Europe/Sofia")).date())
        played = _play(console, stage, morning)
        timings = asyncio.run(_timings(directory))
        ledger = stage.sandbox.ledger()
        found = mismatches(played, ledger, {name: one.attempts for name, one in timings.items()})
        document = summary(played, ledger, found, time.monotonic() - began)
        if as_json:
            print_json(document)
        else:
            show(console, played, timings)
            _conclude(console, document)
        if keep:
            _keep(console, stage)
    return bool(found)


def _play(console: Console, stage: Stage, morning: Morning) -> Played:
    with console.status("") as status:
        last = ""

        def tell(title: str, done: int, of: int) -> None:
            nonlocal last
            status.update(f"{title}: {done} of {of} answered")
            if title != last:
                console.print(f"Round: {title}")
                last = title

        return play(stage, morning, tell)


async def _timings(directory: Path) -> dict[str, Timing]:
    settings = JournalSettings(dsn_file=directory / "journal-dsn")
    async with session(settings, "demo") as connection:
        rows = await queries.list_submissions(connection, SubmissionFilter(), limit=1000)
    return {row.id: Timing(row.attempts, row.received_at, row.finished_at) for row in rows}


def _conclude(console: Console, document: dict[str, Any]) -> None:
    console.print(
        f"\n{document['submissions']} submissions: {document['accepted']} accepted, {document['rejected']} rejected, "
        f"{document['failed']} failed or held; {document['dead_letters']} dead letters; "
        f"NHIS registered {document['registered_by_nhis']} immunizations; {document['seconds']} s."
    )
    for mismatch in document["mismatches"]:
        console.print(f"[red]not as expected:[/] {mismatch}")
    if not document["mismatches"]:
        console.print("[green]Every answer is the expected one, and NHIS's ledger says the same.[/]")
    console.print(
        "\nNext: `herald demo --keep` leaves all of it running for events of your own; README.md says how a hospital"
        "\npublishes and reads, and how to point Herald at the real NHIS test system."
    )


def _keep(console: Console, stage: Stage) -> None:
    console.print(
        f"\nStill running; Ctrl-C ends it.\n  Kafka          {stage.kafka.address}\n"
        f"  NHIS sandbox   {stage.sandbox.url}  (CA {stage.sandbox.ca_file})\n"
        f"  configuration  {stage.config}\n"
        f"  a worker's log {stage.directory / 'worker.log'}\n"
        f"Try:\n  herald submit contracts/examples/… --config {stage.config}\n"
        f"  herald watch --from-beginning --config {stage.config}\n"
        f"  herald submissions list --config {stage.config}"
    )
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
