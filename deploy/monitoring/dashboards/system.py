"""The dashboard of one system, which its variable chooses: operators know this from other products."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.monitoring.dashboards import flow, looks, numbers, waiting
from deploy.monitoring.dashboards.code_lists import code_lists
from deploy.monitoring.dashboards.frame import Line, Question, evenly, framed, one_system
from deploy.monitoring.dashboards.looks import Query
from deploy.monitoring.dashboards.panels import graph
from deploy.monitoring.dashboards.queries import Scope, meaning
from deploy.monitoring.dashboards.table import Column, lines
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import table, timeseries
    from grafana_foundation_sdk.models import dashboard as models

ONE = Scope(systems=True)


def system() -> models.Dashboard:
    """Return the dashboard."""
    return framed(
        "herald-system",
        "Herald: system",
        "One national system: is it well, what is stuck, where is time lost, how do submissions end?",
        [
            Question("Is $system well?", [_well()]),
            Question("What is stuck?", [_waiting(), _held_back(), _answered_later()]),
            Question("Where is time lost?", [_ages(), _parts()]),
            Question("How does it end?", [_ends()]),
            Question("Are the code lists current?", [code_lists(ONE)]),
            Question("Keys and clocks", [evenly(7, signers(), pinned()), _clocks()]),
        ],
        one_system(),
    )


def _well() -> Line:
    return evenly(
        4,
        numbers.open_circuits(ONE),
        numbers.signers_open(ONE),
        numbers.stops(ONE),
        numbers.oldest_unanswered(ONE),
        numbers.held(ONE),
        numbers.open_letters(ONE),
        numbers.losses(ONE),
        numbers.blocked_signers(ONE),
    )


def _waiting() -> Line:
    return evenly(
        8,
        waiting.unanswered_and_held(ONE),
        waiting.oldest_unanswered(ONE),
        waiting.lag(ONE, "partition"),
        waiting.commits(ONE, "partition"),
    )


def _held_back() -> Line:
    return evenly(8, waiting.trouble(ONE), waiting.pauses(ONE), waiting.window(ONE), waiting.set_aside(ONE))


def _answered_later() -> Line:
    asks = flow.rates(ONE, "Asks for answers", declared.ASKS, "outcome")
    return evenly(8, waiting.answers_later(ONE), waiting.asks_overdue(ONE), asks)


def _ages() -> Line:
    return evenly(9, flow.age_distribution(ONE), flow.ages(ONE))


def _parts() -> Line:
    return evenly(8, flow.stages(ONE), flow.stage_means(ONE), flow.retries(ONE), flow.in_flight(ONE))


def _ends() -> Line:
    operations = flow.rates(ONE, "Submissions by operation", declared.SUBMISSIONS, "operation")
    tokens = flow.rates(ONE, "Requests for a token", declared.TOKEN_REQUESTS, "outcome")
    return evenly(8, flow.outcomes(ONE), operations, flow.dead_letters(ONE), tokens)


def signers() -> table.Panel:
    """Return a line for each signer of the system."""
    blocked = f"max by (job, signer) ({ONE.series(declared.SIGNER_BLOCKED)})"
    ends = f"min by (job, signer) ({ONE.series(declared.SIGNER_CERTIFICATE)}) / {numbers.SECONDS_A_DAY}"
    return lines(
        "Signers",
        {"signer": "Signer", "job": "Installation"},
        [
            Column("Blocked", blocked, "short", looks.NONE_IS_WELL, waiting.YES_IS_BAD),
            # The certificates of signers have no system: those that the system knows are chosen.
            Column(
                "Certificate ends in", f"{ends} and on (job, signer) {blocked}", "suffix: days", looks.DAYS_LEFT
            ),
        ],
        description=f"{meaning(declared.SIGNER_BLOCKED)} {declared.SIGNER_CERTIFICATE.absent}",
    )  # fmt: skip


def pinned() -> table.Panel:
    """Return a line for each pinned certificate; most systems have none."""
    least = f"min by (job, certificate) ({ONE.series(declared.PINNED_CERTIFICATE)})"
    return lines(
        "Pinned certificates",
        {"certificate": "Certificate", "job": "Installation"},
        [Column("Ends in", f"{least} / {numbers.SECONDS_A_DAY}", "suffix: days", looks.DAYS_LEFT)],
        description="Days until a pinned certificate ends. Most systems have none.",
    )


def _clocks() -> Line:
    return evenly(7, clock(), lost_offsets())


def clock() -> timeseries.Panel:
    """Return how the clocks differ that the system's answers and its records show."""
    return graph(
        "Clock skew, ahead or behind",
        Query(
            f'max(abs({ONE.series(declared.CLOCK_SKEW, against="$system")}))', "$system"
        ),
        description=meaning(declared.CLOCK_SKEW),
        unit="s",
    )  # fmt: skip


def lost_offsets() -> timeseries.Panel:
    """Return what was lost before it was read, and what comes from the future."""
    lost = (declared.LOST_OFFSETS, declared.FORGOTTEN_OFFSETS, declared.AHEAD_OF_CLOCK)
    return graph(
        "Lost or forgotten offsets, records ahead of the clock",
        Query(ONE.in_range(declared.LOST_OFFSETS), "lost"),
        Query(ONE.in_range(declared.FORGOTTEN_OFFSETS), "forgotten"),
        Query(ONE.in_range(declared.AHEAD_OF_CLOCK), "ahead of the clock"),
        description=" ".join(map(meaning, lost)),
    )
