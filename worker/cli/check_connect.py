"""`herald check --connect`: a table of what is well and what is not, and the next step for each fault."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING

from worker.admin.loaded_signers import loaded_signers
from worker.admin.preflight.findings import Verdict
from worker.admin.preflight.preflight import Built, Options, preflight
from worker.cli.access import run
from worker.cli.output import FAILED, fail, print_json, print_table, say
from worker.clock import SystemClock
from worker.composition.systems import build_systems, unusable_signers
from worker.configuration_error import ConfigurationError
from worker.signing.registry import load_signers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.admin.preflight.findings import Result
    from worker.admin.preflight.preflight import Report
    from worker.settings.model import Settings

SHOWN = 5
"""Lines of one check about which all is well; more of them become one line of the table."""


def check_connections(settings: Settings, options: Options, *, as_json: bool) -> None:
    """Make all checks, print what they found, and end the command with 1 where one failed."""
    with _quiet("aiokafka"):
        report = run(preflight(settings, _built(settings), SystemClock(), options))
    if as_json:
        counts = {str(verdict): report.count(verdict) for verdict in Verdict}
        print_json({"verdict": report.verdict, "counts": counts, "checks": report.results})
    else:
        print_table(("", "check", "what was found"), _rows(report.results))
        say(_summary(report))
    if report.verdict is Verdict.FAIL:
        fail(
            "A deployment with these settings would not work as promised: see the lines that say fail.",
            FAILED,
        )


@contextmanager
def _quiet(library: str) -> Iterator[None]:
    """Keep a library's own lines from coming between: the table has the same faults."""
    logger = logging.getLogger(library)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _built(settings: Settings) -> Built:
    clock = SystemClock()
    try:
        signers = loaded_signers(settings, clock)
    except ConfigurationError as bad:
        return Built([], load_signers({}, clock=clock.now), {}, bad.problems)
    try:
        systems = build_systems(settings, clock, signers)
    except ConfigurationError as bad:
        told = set(signers.sentences())  # those have lines of their own
        return Built([], signers, {}, [one for one in bad.problems if one not in told])
    return Built([one.system for one in systems], signers, unusable_signers(systems, signers))


def _rows(results: Sequence[Result]) -> Iterator[tuple[str, str, str]]:
    """Yield the lines of the table: what is the same of several subjects once, and many good ones as one line."""
    well = Counter(one.id for one in results if one.verdict is Verdict.OK)
    many = {name: count for name, count in well.items() if count > SHOWN}
    for (verdict, name, detail, step), same in groupby(results, _what):
        if verdict is Verdict.OK and name in many:
            yield verdict, name, f"{many.pop(name)} are well; --json names them"
        elif verdict is not Verdict.OK or well[name] <= SHOWN:
            about = ", ".join(one.subject for one in same if one.subject)
            yield verdict, name, f"{about}: {detail}" if about else detail
        if step:
            yield "", "", f"-> {step}"


def _what(one: Result) -> tuple[Verdict, str, str, str | None]:
    return one.verdict, one.id, one.detail, one.next_step


def _summary(report: Report) -> str:
    return ", ".join(f"{report.count(verdict)} {verdict}" for verdict in Verdict) + "."
