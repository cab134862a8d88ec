"""The complete demo: start the environment, run the scenarios, audit the results, report them."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from demo.apache_kafka import ApacheKafka
from demo.audit import mismatches
from demo.environment import EMBEDDED, Environment
from demo.kafka import ExternalKafka, Kafka
from demo.keep import herald, show_addresses, stay
from demo.processes import EnvironmentFailed
from demo.progress import progress_on
from demo.report import Timing, show_dead_letters, show_submissions, show_verdict, summary
from demo.runner import run_phases
from demo.scenario import HasNotes
from demo.signals import StopRequested, ending, postponed
from worker.admin.submissions import list_submissions
from worker.admin.views import SubmissionFilter
from worker.journal.settings import JournalSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rich.console import Console

    from demo.sandbox import Sandbox
    from demo.scenario import Scenario
    from demo.steps import Phase, Results

    Publish = Callable[[dict[str, Any]], None]

NOT_AS_EXPECTED = 1


def run(
    console: Console,
    *,
    publish: Publish | None,
    keep: bool = False,
    scenarios: Sequence[Scenario],
    kafka: str | None = None,
    real_kafka: bool = False,
) -> int:
    """Run these scenarios and return the exit code; `publish` takes the JSON document in place of the tables.

    ``kafka`` is the address of one that runs elsewhere; with ``real_kafka`` one is started.
    The directory with the logs stays where something is not as it must be.
    """
    directory = Path(tempfile.mkdtemp(prefix="herald-demo-"))
    try:
        with ending():
            environment = Environment(directory, scenarios, _kafka(directory, kafka, real_kafka=real_kafka))
            good = _run(console, environment, publish, keep=keep)
    except EnvironmentFailed as failure:
        console.print(str(failure), style="red", markup=False, soft_wrap=True)
        return NOT_AS_EXPECTED
    except StopRequested as stop:
        console.print(f"Ended by {stop}; everything is stopped.")
        shutil.rmtree(directory, ignore_errors=True)
        return stop.exit_code
    except Exception:
        console.print(f"The logs are in {directory}", soft_wrap=True)
        raise
    if not good:
        console.print(f"The logs are in {directory}", soft_wrap=True)
        return NOT_AS_EXPECTED
    shutil.rmtree(directory, ignore_errors=True)
    return 0


def _run(
    console: Console,
    environment: Environment,
    publish: Publish | None,
    *,
    keep: bool,
) -> bool:
    began = time.monotonic()
    scenarios = environment.scenarios
    titles = {one.system: one.title for one in scenarios}
    sandboxes = f"{_listed(titles.values())} {'sandboxes' if len(titles) > 1 else 'sandbox'}"
    console.print(
        f"{environment.kafka_note} PostgreSQL (embedded), the {sandboxes} and a worker …",
        soft_wrap=True,
    )
    with environment:
        console.print(f"  ready after {time.monotonic() - began:.1f} s", highlight=False)
        for note in (note for one in scenarios if isinstance(one, HasNotes) for note in one.notes()):
            console.print(f"  {note}", highlight=False, soft_wrap=True)
        with progress_on(console) as progress:
            results = run_phases(environment, _phases(environment), progress)
        with postponed():
            timings = asyncio.run(_timings(environment))
        document = audited(environment, results, timings, time.monotonic() - began)
        if publish is None:
            for one in scenarios:
                show_submissions(console, one, results, timings)
            show_dead_letters(console, results)
            show_verdict(console, document, titles)
        else:
            publish(document)
        if keep:
            show_addresses(console, environment)
            stay(environment)
        elif publish is None:
            console.print(f"\nNext: `{herald()} demo --keep` keeps everything running, for your own events.")
    return not document["mismatches"]


def _kafka(directory: Path, address: str | None, *, real_kafka: bool) -> tuple[str, Callable[[], Kafka]]:
    """Return what the demo says of its Kafka when it starts, and how it gets it."""
    if address is not None:
        return f"Using Kafka at {address}; starting", partial(ExternalKafka, address)
    if real_kafka:
        return "Starting Apache Kafka,", partial(ApacheKafka, directory)
    return EMBEDDED


def audited(
    environment: Environment, results: Results, timings: dict[str, Timing], seconds: float
) -> dict[str, Any]:
    """Compare the results with the sandboxes' ledgers and return the JSON document."""
    found = mismatches(results, {name: one.attempts for name, one in timings.items()})
    registered = {}
    for one in environment.scenarios:
        ledger = environment.sandboxes[one.system].ledger()
        found += one.mismatches(results.of(one.system), results, ledger)
        registered[one.system] = one.registered(ledger)
    return summary(results, registered, found, seconds)


def _phases(environment: Environment) -> Iterator[tuple[Sandbox, Phase]]:
    today = datetime.now(ZoneInfo("Europe/Sofia")).date()
    for one in environment.scenarios:
        sandbox = environment.sandboxes[one.system]
        for phase in one.phases(sandbox, today):
            yield sandbox, phase


def _listed(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


async def _timings(environment: Environment) -> dict[str, Timing]:
    journal = JournalSettings.model_validate({"dsn": environment.dsn})
    page = await list_submissions(journal, SubmissionFilter())
    return {row.id: Timing(row.attempts, row.received_at, row.finished_at) for row in page.rows}
