"""Running phases: publish a phase's steps, read the answers as they come, go on when all are there."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Protocol

from demo.environment import LETTERS, NOTIFICATIONS, topics_of
from demo.kafka import headers_of
from demo.steps import ARRIVED, Answer, Results

if TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.environment import Environment
    from demo.sandbox import Sandbox
    from demo.steps import Phase, Step

PHASE_SECONDS = 45.0
"""The longest time of a phase: replies that come later count as missing."""
LINGER_SECONDS = 1.0
"""The time of reading at the end, so that a reply too many is seen."""


class Progress(Protocol):
    """Shows how the run goes."""

    def begin(self, title: str, total: int) -> None:
        """Show that a phase with this many submissions begins."""

    def answered(self, done: int) -> None:
        """Show how many of the phase's submissions have all their answers."""

    def end(self) -> None:
        """Show that the phase is over."""


def run_phases(
    environment: Environment,
    phases: Iterable[tuple[Sandbox, Phase]],
    progress: Progress,
    phase_seconds: float = PHASE_SECONDS,
) -> Results:
    """Run all phases, each with its system's sandbox. Raises EnvironmentFailed if a part ends meanwhile."""
    results = Results()
    reader = environment.kafka.reader(environment.topics_to_read)
    try:
        for sandbox, one in phases:
            steps = one.steps(results)
            one.inject_faults(sandbox)
            _publish(environment, steps)
            results.steps += steps
            progress.begin(one.title, len(steps))
            end = time.monotonic() + phase_seconds
            while time.monotonic() < end and (_missing(results, steps, progress) or not one.until(results)):
                environment.check()
                for message in reader.poll(0.1):
                    _take(results, message)
            progress.end()
        for message in reader.poll(LINGER_SECONDS):
            _take(results, message)
    finally:
        reader.close()
    return results


def _publish(environment: Environment, steps: list[Step]) -> None:
    headers = {"content-type": b"application/cloudevents+json"}
    for step in steps:
        for value in step.events:
            environment.kafka.publish(topics_of(step.system)[0], step.key.encode(), value, headers)


def _missing(results: Results, steps: list[Step], progress: Progress) -> int:
    """Show how many submissions are complete, and return how many are not."""
    done = sum(results.complete(step) for step in steps)
    progress.answered(done)
    return len(steps) - done


def _take(results: Results, message: Any) -> None:
    headers = headers_of(message)
    if message.topic().endswith(LETTERS):
        results.dead_letters[json.loads(message.value()).get("id", "")].append(headers)
        return
    kind = headers["ce_type"].split(".")[-2]
    raw = repr(sorted(headers.items())).encode() + message.value()
    answer = Answer(kind, json.loads(message.value()), raw, headers.get("ce_rnu"))
    submission = headers.get("ce_submissionid", "")
    if not message.topic().endswith(NOTIFICATIONS):
        results.answers[submission].append(answer)
    elif kind == ARRIVED and not submission:
        results.arrivals.append(answer)
    else:
        results.notifications[submission].append(answer)
