"""What came back: replies and dead letters, by submission."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from herald.demo.acts import Act


@dataclass(frozen=True, slots=True)
class Answer:
    """One published reply. ``raw`` is everything of it, to compare repeats byte for byte."""

    kind: str
    data: dict[str, Any] = field(repr=False)
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
    answers: defaultdict[str, list[Answer]] = field(default_factory=lambda: defaultdict(list))
    dead_letters: defaultdict[str, list[dict[str, str]]] = field(default_factory=lambda: defaultdict(list))
    """By submission id: the headers of each."""

    def nrns(self) -> dict[str, str]:
        """Return what NHIS registered: submission id to NRN."""
        return {name: nrn for name, answers in self.answers.items() if answers and (nrn := answers[0].nrn)}

    def answer(self, act: Act) -> Answer | None:
        """Return what the submission was answered, or None."""
        answers = self.answers.get(act.id)
        return answers[0] if answers else None

    def complete(self, act: Act) -> bool:
        """Whether everything has come that an act must lead to."""
        answers, letters = self.answers[act.id], self.dead_letters[act.id]
        return len(answers) >= act.answers and len(letters) >= len(act.expected.dead_letters)
