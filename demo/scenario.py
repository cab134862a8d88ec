"""The port of a scenario: one system's part of the settings, its phases, and the audit of its ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from demo.sandbox import Sandbox
    from demo.steps import Answer, Phase, Results, Step


@dataclass(frozen=True, slots=True)
class Description:
    """``short`` is a number, what was found, or the error's code; ``long`` what else there is to say."""

    short: str
    long: tuple[str, ...] = ()


class Scenario(Protocol):
    """One national system in the demo. Its sentences identify a patient by no more than a record's number."""

    system: str
    title: str
    """As people call it."""
    prepared_by: tuple[tuple[str, ...], ...]
    """Commands of Herald's that run before the worker starts; `--config` is added."""

    def settings(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Any]:
        """Return the `signers` and the section under `systems`, as ``signers`` and ``system``.

        ``shared`` has the sections that are not the system's own, where there are any (`esb`).
        """

    def phases(self, sandbox: Sandbox, today: date) -> Sequence[Phase]:
        """Return the phases in their order."""

    def mismatches(self, steps: Sequence[Step], results: Results, ledger: Mapping[str, Any]) -> Iterable[str]:
        """Return every difference between the replies and the system's own ledger, one sentence each."""

    def registered(self, ledger: Mapping[str, Any]) -> str:
        """Say what the ledger holds, e.g. `35 immunizations`."""

    def suggestions(self, sandbox: Sandbox, directory: Path) -> Mapping[str, Sequence[str]]:
        """Return commands of Herald's to try beside `--keep`, by what they are for; `--config` is added."""

    def name_of(self, operation: str) -> str:
        """Return an operation in a word of at most 11 characters."""

    def describe(self, answer: Answer) -> Description:
        """Say what an accepted or rejected answer states, in a word of at most 18 characters, and the rest."""


@runtime_checkable
class IsCalled(Protocol):
    """A scenario whose system calls the worker's receiver."""

    def called_at(self, address_file: Path) -> Mapping[str, Any]:
        """Return what the settings of the system need to be called at the address in this file."""


@runtime_checkable
class RunsThrough(Protocol):
    """A scenario whose system is reached through another one, whose sandbox stands in for both."""

    through: str
    """The other system: its scenario runs too, and before."""


@runtime_checkable
class HasNotes(Protocol):
    """A scenario that says more of its environment."""

    def notes(self) -> Sequence[str]:
        """Return what else to say of the environment, one line each."""
