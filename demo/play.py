"""Playing the morning: publish a round, read the answers as they come, go on when all are there."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Protocol

from demo.kafka import headers_of
from demo.played import Answer, Played
from demo.stage import LETTERS, topics_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from demo.acts import Act, Round
    from demo.sandbox import Sandbox
    from demo.stage import Stage

ROUND_SECONDS = 45.0
"""How long a round may take before what is missing counts as missing."""
LINGER_SECONDS = 1.0
"""How long to go on reading at the end: an answer too many must be seen."""


class Progress(Protocol):
    """Who watches the play."""

    def begin(self, title: str, total: int) -> None:
        """Hear that a round begins, with so many submissions."""

    def answered(self, done: int) -> None:
        """Hear that so many of the round's submissions have all their answers."""

    def end(self) -> None:
        """Hear that the round is over."""


def play(
    stage: Stage,
    rounds: Iterable[tuple[Sandbox, Round]],
    progress: Progress,
    round_seconds: float = ROUND_SECONDS,
) -> Played:
    """Play all rounds, each beside its system's sandbox. Raises StageFailed if a part of the stage ends meanwhile."""
    played = Played()
    reader = stage.kafka.reader(topic for name in stage.sandboxes for topic in topics_of(name)[1:])
    try:
        for sandbox, one in rounds:
            acts = one.acts(played)
            one.trouble(sandbox)
            _publish(stage, acts)
            played.acts += acts
            progress.begin(one.title, len(acts))
            end = time.monotonic() + round_seconds
            while time.monotonic() < end and _missing(played, acts, progress):
                stage.check()
                for message in reader.poll(0.1):
                    _take(played, message)
            progress.end()
        for message in reader.poll(LINGER_SECONDS):
            _take(played, message)
    finally:
        reader.close()
    return played


def _publish(stage: Stage, acts: list[Act]) -> None:
    headers = {"content-type": b"application/cloudevents+json"}
    for act in acts:
        for value in act.events:
            stage.kafka.publish(topics_of(act.system)[0], act.key.encode(), value, headers)


def _missing(played: Played, acts: list[Act], progress: Progress) -> int:
    """Tell how many are complete, and return how many are not."""
    done = sum(played.complete(act) for act in acts)
    progress.answered(done)
    return len(acts) - done


def _take(played: Played, message: Any) -> None:
    headers = headers_of(message)
    if message.topic().endswith(LETTERS):
        played.dead_letters[json.loads(message.value()).get("id", "")].append(headers)
        return
    kind = headers["ce_type"].split(".")[-2]
    raw = repr(sorted(headers.items())).encode() + message.value()
    answer = Answer(kind, json.loads(message.value()), raw)
    played.answers[headers.get("ce_submissionid", "")].append(answer)
