"""The steps of a scenario: submissions, their expected outcomes, and the results that came."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from demo.sandbox import Sandbox

SOURCE = "/hospitals/demo/his"
ACCEPTED, REJECTED, FAILED, HELD = "accepted", "rejected", "failed", "held"
ARRIVED = "arrived"
"""The kind of a notification about something that belongs to no submission."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The expected outcome of a submission: its reply, and the reasons of its dead letters.

    ``code`` is that of a failed or held reply; ``names`` is what the system's errors name where it refuses: a
    class of error, a rule, or the attribute at fault; ``found`` is how much a search finds.
    """

    kind: str
    code: str | None = None
    dead_letters: tuple[str, ...] = ()
    least_attempts: int = 1
    names: str | None = None
    found: int | None = None


OK = Expected(ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One submission; `events` has more than one value where it is published more than once."""

    id: str
    system: str
    operation: str
    key: str
    """The Kafka key: who it is about, by a pseudonym."""
    signer: str
    data: Mapping[str, Any] = field(repr=False)
    events: tuple[bytes, ...] = field(repr=False)
    expected: Expected = OK
    note: str = ""
    rnu: str | None = None
    """The reference number of a service that the event has: all that answers it has it too."""
    numbered: bool = False
    """Herald gives the event its reference number, so only the replies show it."""
    answers: int = 1
    """Replies to this submission: a duplicate event gets the stored one again."""

    @classmethod
    def of(
        cls,
        name: str,
        system: str,
        operation: str,
        *,
        signer: str,
        data: Mapping[str, Any],
        rnu: str | None = None,
        **more: Any,
    ) -> Self:
        """Make a submission that is published once, as the event that its parts give."""
        attributes = {} if rnu is None else {"rnu": rnu}
        published = event(name, f"{system}.{operation}.v1", signer, data, **attributes)
        more |= {"id": name, "system": system, "operation": operation, "signer": signer, "data": data}
        return cls(events=(published,), rnu=rnu, **more)


@dataclass(frozen=True, slots=True)
class Answer:
    """One published reply. ``raw`` is everything of it, to compare repeats byte for byte."""

    kind: str
    data: dict[str, Any] = field(repr=False)
    raw: bytes = field(repr=False)
    rnu: str | None = None
    """The reference number of a service that it has."""

    @property
    def result(self) -> dict[str, Any]:
        """The accepted reply's data; empty for the others."""
        result: dict[str, Any] = self.data.get("data") or {}
        return result


@dataclass(slots=True)
class Results:
    """The steps published so far, and the replies and dead letters that came."""

    steps: list[Step] = field(default_factory=list)
    answers: defaultdict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    dead_letters: defaultdict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    """By submission id: the headers of each."""
    notifications: defaultdict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    """What systems stated on their own, by the submission that it belongs to."""
    arrivals: list[Answer] = field(default_factory=list)
    """What arrived at systems and belongs to no submission."""

    def of(self, system: str) -> list[Step]:
        """Return what was published for a system."""
        return [step for step in self.steps if step.system == system]

    def answer(self, step: Step) -> Answer | None:
        """Return what the submission was answered, or None."""
        answers = self.answers.get(step.id)
        return answers[0] if answers else None

    def complete(self, step: Step) -> bool:
        """Whether every reply and dead letter that the step expects has come."""
        answers, letters = self.answers[step.id], self.dead_letters[step.id]
        return len(answers) >= step.answers and len(letters) >= len(step.expected.dead_letters)


@dataclass(frozen=True, slots=True)
class Phase:
    """Steps that are published together: the faults meanwhile, and the steps, made from the results so far.

    ``until`` says what must have come besides the answers to the steps.
    """

    title: str
    inject_faults: Callable[[Sandbox], None]
    steps: Callable[[Results], list[Step]]
    until: Callable[[Results], bool] = lambda _: True


def no_faults(_: Sandbox) -> None:
    """Inject no fault."""


def event(
    submission_id: str, event_type: str, signer: str, data: Mapping[str, Any], **attributes: str
) -> bytes:
    """Return a structured CloudEvent, with more attributes where they are given."""
    document = {
        "specversion": "1.0",
        "id": submission_id,
        "source": SOURCE,
        "type": event_type,
        "signer": signer,
        "datacontenttype": "application/json",
        **attributes,
        "data": data,
    }
    return json.dumps(document, ensure_ascii=False).encode()
