"""What came back: replies and dead letters, by submission."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from demo.acts import Act


@dataclass(frozen=True, slots=True)
class Answer:
    """One published reply. ``raw`` is everything of it, to compare repeats byte for byte."""

    kind: str
    data: dict[str, Any] = field(repr=False)
    raw: bytes = field(repr=False)

    @property
    def result(self) -> dict[str, Any]:
        """The accepted reply's data; empty for the others."""
        result: dict[str, Any] = self.data.get("data") or {}
        return result


@dataclass(slots=True)
class Played:
    """What was published and what came back."""

    acts: list[Act] = field(default_factory=list)
    answers: defaultdict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    dead_letters: defaultdict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    """By submission id: the headers of each."""

    def of(self, system: str) -> list[Act]:
        """Return what was published for a system."""
        return [act for act in self.acts if act.system == system]

    def answer(self, act: Act) -> Answer | None:
        """Return what the submission was answered, or None."""
        answers = self.answers.get(act.id)
        return answers[0] if answers else None

    def complete(self, act: Act) -> bool:
        """Whether everything has come that an act must lead to."""
        answers, letters = self.answers[act.id], self.dead_letters[act.id]
        return len(answers) >= act.answers and len(letters) >= len(act.expected.dead_letters)
