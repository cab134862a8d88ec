"""The values in large print, which say whether all is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.monitoring.dashboards import looks
from deploy.monitoring.dashboards.of_metric import number_of
from deploy.monitoring.dashboards.panels import number
from worker.observability.metrics import declared

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders.stat import Panel

    from deploy.monitoring.dashboards.queries import Scope

SECONDS_A_DAY = 86_400


def ready(scope: Scope) -> Panel:
    """Return the workers that are ready; none at all is 0 and not the absence of an answer."""
    return number(
        "Ready workers",
        f"{scope.total(declared.READY)} or vector(0)",
        description="Workers whose /readyz answers 200. Without any, submissions wait in Kafka.",
        thresholds=looks.thresholds((1, looks.GREEN), base=looks.RED),
    )


def open_circuits(scope: Scope) -> Panel:
    """Return how many systems get no requests."""
    return number(
        "Open circuits",
        scope.concerned(declared.CIRCUIT_OPEN),
        description="Systems whose circuit is open in at least one worker: it sends nothing but trials.",
        thresholds=looks.NONE_IS_WELL,
    )


def signers_open(scope: Scope) -> Panel:
    """Return how many signers get no connection or token, in the worker that has most of them."""
    return number_of("Signers with open circuit", scope.largest, declared.SIGNERS_OPEN, looks.NONE_IS_WELL)


def stops(scope: Scope) -> Panel:
    """Return how many stops of the flood guard hold records back."""
    return number_of("Stops of intake", scope.total, declared.STOPS, looks.NONE_IS_WELL)


def oldest_unanswered(scope: Scope) -> Panel:
    """Return for how long the oldest submission has had no outcome."""
    return number_of("Oldest unanswered", scope.largest, declared.UNANSWERED_AGE, looks.UNANSWERED, unit="s")


def lag(scope: Scope) -> Panel:
    """Return how much is to be read."""
    return number_of("To be read", scope.total, declared.LAG, looks.ANY)


def held(scope: Scope) -> Panel:
    """Return how many submissions wait for a person."""
    return number_of("Held", scope.total, declared.HELD, looks.LOOK_AT_ONE)


def oldest_held(scope: Scope) -> Panel:
    """Return for how long a person has been waited for."""
    return number_of("Oldest held", scope.largest, declared.HELD_AGE, looks.HELD, unit="s")


def open_letters(scope: Scope) -> Panel:
    """Return how many dead letters nobody has dealt with."""
    return number_of("Open dead letters", scope.total, declared.LETTERS_OPEN, looks.LOOK_AT_ONE)


def losses(scope: Scope) -> Panel:
    """Return how many losses of records nobody has acknowledged."""
    return number_of("Losses of records", scope.total, declared.UNACKNOWLEDGED_LOSSES, looks.NONE_IS_WELL)


def first_certificate(scope: Scope) -> Panel:
    """Return how many days the first certificate of all still has."""
    signers, pinned = scope.series(declared.SIGNER_CERTIFICATE), scope.series(declared.PINNED_CERTIFICATE)
    return number(
        "Next certificate ends in",
        f"min({signers} or {pinned}) / {SECONDS_A_DAY}",
        description="Days until the first certificate ends, of the signers and of those that are pinned.",
        thresholds=looks.DAYS_LEFT,
        unit="suffix: days",
        decimals=0,
    )


def blocked_signers(scope: Scope) -> Panel:
    """Return how many signers cannot sign."""
    return number_of("Blocked signers", scope.concerned, declared.SIGNER_BLOCKED, looks.NONE_IS_WELL)


def limited_senders(scope: Scope) -> Panel:
    """Return how many senders are slowed down."""
    return number_of("Limited senders", scope.total, declared.LIMITED, looks.LOOK_AT_ONE)
