"""Playing the morning: publish a round, read the answers as they come, go on when all are there."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from herald.demo.acts import REJECTED
from herald.demo.kafka import headers_of, json_of
from herald.demo.stage import TOPICS

if TYPE_CHECKING:
    from collections.abc import Callable

    from herald.demo.acts import Act
    from herald.demo.morning import Morning
    from herald.demo.stage import Stage

SUBMISSIONS, RESULTS, ERRORS, DEAD_LETTERS = TOPICS
ROUND_SECONDS = 45.0
"""How long a round may take before what is missing counts as missing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One published reply."""

    kind: str
    data: dict[str, Any] = field(repr=False)
    headers: dict[str, str]
    raw: bytes = field(repr=False)

    @property
    def nrn(self) -> str | None:
        """The NRN, where the reply has one."""
        nrn: str | None = self.data.get("data", {}).get("nrn")
        return nrn


@dataclass(slots=True)
class Played:
    """What was published and what came back."""

    acts: list[Act] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    dead_letters: dict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    """By submission id: the headers of each."""

    def nrns(self) -> dict[str, str]:
        """Return what NHIS registered: submission id to NRN."""
        return {name: nrn for name, answers in self.answers.items() if (nrn := answers[0].nrn)}

    def complete(self, act: Act) -> bool:
        """Whether everything has come that an act must lead to."""
        return len(self.answers[act.id]) >= act.answers and len(self.dead_letters[act.id]) >= len(
            act.expected.dead_letters
        )


def play(stage: Stage, morning: Morning, tell: Callable[[str, int, int], None]) -> Played:
    """Play all rounds; `tell` hears of progress: the round, how many are answered, of how many."""
    played = Played()
    reader = stage.kafka.reader((RESULTS, ERRORS, DEAD_LETTERS))
    try:
        for title, trouble, publish in morning.rounds():
            acts = publish(played.nrns())
            trouble(stage.sandbox)
            _publish(stage, acts)
            played.acts += acts
            _collect(reader, played, acts, title, tell)
    finally:
        reader.close()
    return played


def _publish(stage: Stage, acts: list[Act]) -> None:
    headers = {"content-type": b"application/cloudevents+json"}
    for act in acts:
        for value in act.events:
            stage.kafka.publish(SUBMISSIONS, act.patient.pseudonym.encode(), value, headers)


def _collect(
    reader: Any, played: Played, acts: list[Act], title: str, tell: Callable[[str, int, int], None]
) -> None:
    by_id = {act.id for act in acts}
    end = time.monotonic() + ROUND_SECONDS
    while time.monotonic() < end:
        done = sum(played.complete(act) for act in acts)
        tell(title, done, len(acts))
        if done == len(by_id):
            return
        for message in reader.poll(0.2):
            _take(played, message)


def _take(played: Played, message: Any) -> None:
    headers = headers_of(message)
    if message.topic() == DEAD_LETTERS:
        name = json_of(message).get("id", "")
        played.dead_letters[name].append(headers)
        return
    kind = headers["ce_type"].split(".")[-2]
    raw = repr(sorted(headers.items())).encode() + message.value()
    played.answers[headers["ce_submissionid"]].append(Answer(kind, json_of(message), headers, raw))


def outcome_of(answer: Answer) -> str:
    """Return what a person reads of an answer: the NRN, or why not."""
    if answer.kind == REJECTED:
        return "; ".join(error.get("reason") or error["type"] for error in answer.data["errors"])
    if "code" in answer.data:
        problems = [problem["path"] for problem in answer.data.get("problems", ())]
        return answer.data["code"] + (f": {', '.join(problems)}" if problems else "")
    data = answer.data["data"]
    if "found" in data:
        return f"{data['found']} found"
    if "content" in data:
        return f"{data.get('mediaType') or 'file'}, {data['bytes']} bytes"
    extra = " (was there already)" if data.get("alreadyRegistered") or data.get("alreadyCancelled") else ""
    certificate = f", certificate {data['certificateNumber']}" if data.get("certificateNumber") else ""
    return f"{data.get('nrn', '')}{certificate}{extra}"
