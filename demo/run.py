"""The demo from the rise of the curtain to the verdict."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from demo.audit import mismatches
from demo.keep import herald, show_addresses, stay
from demo.play import play
from demo.processes import StageFailed
from demo.productions import PRODUCTIONS
from demo.progress import progress_on
from demo.report import Timing, show_dead_letters, show_submissions, show_verdict, summary
from demo.signals import Told, ending, postponed
from demo.stage import Stage
from worker.admin.submissions import list_submissions
from worker.admin.views import SubmissionFilter
from worker.journal.settings import JournalSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import Console

    from demo.acts import Round
    from demo.played import Played
    from demo.production import Production
    from demo.sandbox import Sandbox

    Publish = Callable[[dict[str, Any]], None]

NOT_AS_EXPECTED = 1


def run(
    console: Console,
    *,
    publish: Publish | None,
    keep: bool = False,
    productions: Sequence[Production] = PRODUCTIONS,
) -> int:
    """Play for these systems and return the exit code; `publish` takes the JSON document in place of the tables.

    The directory with the logs stays where something is not as it must be.
    """
    directory = Path(tempfile.mkdtemp(prefix="herald-demo-"))
    try:
        with ending():
            good = _perform(console, directory, publish, productions, keep=keep)
    except StageFailed as failure:
        console.print(str(failure), style="red", markup=False, soft_wrap=True)
        return NOT_AS_EXPECTED
    except Told as told:
        console.print(f"Ended by {told}; everything is stopped.")
        shutil.rmtree(directory, ignore_errors=True)
        return told.exit_code
    except Exception:
        console.print(f"The logs are in {directory}", soft_wrap=True)
        raise
    if not good:
        console.print(f"The logs are in {directory}", soft_wrap=True)
        return NOT_AS_EXPECTED
    shutil.rmtree(directory, ignore_errors=True)
    return 0


def _perform(
    console: Console,
    directory: Path,
    publish: Publish | None,
    productions: Sequence[Production],
    *,
    keep: bool,
) -> bool:
    began = time.monotonic()
    titles = {one.system: one.title for one in productions}
    sandboxes = f"{_listed(titles.values())} {'sandboxes' if len(titles) > 1 else 'sandbox'}"
    console.print(f"Starting Kafka (embedded), PostgreSQL (embedded), the {sandboxes} and a worker …")
    with Stage(directory, productions) as stage:
        console.print(f"  ready after {time.monotonic() - began:.1f} s", highlight=False)
        with progress_on(console) as progress:
            played = play(stage, _rounds(stage), progress)
        with postponed():
            timings = asyncio.run(_timings(stage))
        document = audited(stage, played, timings, time.monotonic() - began)
        if publish is None:
            for one in productions:
                show_submissions(console, one, played, timings)
            show_dead_letters(console, played)
            show_verdict(console, document, titles)
        else:
            publish(document)
        if keep:
            show_addresses(console, stage)
            stay(stage)
        elif publish is None:
            console.print(f"\nNext: `{herald()} demo --keep` leaves it all running, for events of your own.")
    return not document["mismatches"]


def audited(stage: Stage, played: Played, timings: dict[str, Timing], seconds: float) -> dict[str, Any]:
    """Hold what was played against the sandboxes' ledgers and return the JSON document."""
    found = mismatches(played, {name: one.attempts for name, one in timings.items()})
    registered = {}
    for one in stage.productions:
        ledger = stage.sandboxes[one.system].ledger()
        found += one.mismatches(played.of(one.system), played, ledger)
        registered[one.system] = one.registered(ledger)
    return summary(played, registered, found, seconds)


def _rounds(stage: Stage) -> Iterator[tuple[Sandbox, Round]]:
    today = datetime.now(ZoneInfo("Europe/Sofia")).date()
    for one in stage.productions:
        sandbox = stage.sandboxes[one.system]
        for act in one.rounds(sandbox, today):
            yield sandbox, act


def _listed(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


async def _timings(stage: Stage) -> dict[str, Timing]:
    journal = JournalSettings.model_validate({"dsn": stage.dsn})
    rows = await list_submissions(journal, SubmissionFilter(), limit=1000)
    return {row.id: Timing(row.attempts, row.received_at, row.finished_at) for row in rows}
