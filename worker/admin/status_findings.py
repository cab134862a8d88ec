"""What is wrong, by what the journal and Kafka say: sentences with what to do. Policy only."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from contracts.counted import counted
from worker.admin.intake import EVERYTHING
from worker.admin.sentences import ended
from worker.inbound.looking.record import FAILURES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.admin.intake import LossRow, StopRow
    from worker.admin.status_sql import Load, WorkerRow
    from worker.admin.watches import WatchRow
    from worker.kafka.lag import Lag

NO_WORKER = "No worker runs: nothing is taken from Kafka and nothing is sent."


def of_the_journal(workers: Sequence[WorkerRow], loads: Sequence[Load]) -> Iterator[str]:
    """Yield what is wrong with workers and submissions. What waits for a person is no fault, and is not here."""
    if not any(worker.running for worker in workers):
        yield NO_WORKER
    if left := sum(load.left_behind for load in loads):
        yield (
            f"{counted(left, 'submission is', 'submissions are')} in progress at workers that no longer run: a running "
            f"worker takes {'it' if left == 1 else 'them'} over when it reads "
            f"{'its partition' if left == 1 else 'their partitions'}."
        )
    if begun := sum(load.replaying for load in loads):
        replays = counted(begun, "replay was", "replays were")
        yield f"{replays} started and not finished: run `herald dead-letters replay --all`."


def of_intake(stops: Sequence[StopRow], losses: Sequence[LossRow]) -> Iterator[str]:
    """Yield which intake is stopped, and what was lost before it was read."""
    for stop in stops:
        whose = "" if stop.stopped == EVERYTHING else f", {stop.stopped},"
        yield f"Intake of {stop.system}{whose} is stopped: {ended(stop.why)} See `herald intake status`."
    for system in sorted({loss.system for loss in losses if loss.forgotten}):
        yield f"The journal of {system} is older than the group's offset in Kafka: see `herald intake losses`."
    for system in sorted({loss.system for loss in losses if not loss.forgotten}):
        yield f"Records of {system} were lost before they were read: see `herald intake losses`."


def of_looks(watches: Sequence[WatchRow]) -> Iterator[str]:
    """Yield at which systems looks for news fail."""
    failing = Counter(one.system for one in watches if one.failures >= FAILURES)
    for system, number in failing.items():
        yield f"Looks at {counted(number, 'place')} of {system} fail: see `herald watches list`."


def of_kafka(lags: Sequence[Lag]) -> Iterator[str]:
    """Yield which topics are missing, and which were never read."""
    for lag in lags:
        if not lag.partitions:
            yield f"There is no topic {lag.topic}, or this login may not see it: run `herald topics create`."
        elif lag.unread:
            yield (
                f"The group {lag.group} has read nothing of {lag.unread} of the "
                f"{counted(lag.partitions, 'partition')} of {lag.topic}, where there are records."
            )
