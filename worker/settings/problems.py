"""What is wrong with a configuration: where, and what to do. Never the value: it could be a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import ValidationError


@dataclass(frozen=True, slots=True, order=True)
class SettingProblem:
    """One problem. ``path`` is the setting's (``systems.nhis.api_url``) or the variable's name."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class BadConfiguration(Exception):
    """The configuration cannot be used; carries every problem, one for each path, in order."""

    def __init__(self, problems: Iterable[SettingProblem]) -> None:
        first = {problem.path: problem for problem in reversed(list(problems))}
        self.problems = tuple(sorted(first.values()))
        super().__init__("\n".join(map(str, self.problems)))


def stated(error: ValidationError) -> list[SettingProblem]:
    """Return the problems that the models found, without the values."""
    return [
        SettingProblem(path_of(found["loc"]), _sentence(found["type"], found["msg"]))
        for found in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def path_of(location: Iterable[str | int]) -> str:
    """Write a location as operators do: `kafka.bootstrap_servers[0]`."""
    # Left out are `[key]`, which pydantic adds after a wrong key, and the tags of alternative models (`[pkcs12]`).
    named = (part for part in location if isinstance(part, int) or not part.startswith("["))
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in named)
    return "".join(parts).removeprefix(".")


def _sentence(kind: str, message: str) -> str:
    if kind == "missing":
        return "is required"
    if kind == "extra_forbidden":
        return "this setting does not exist"
    text = message.removeprefix("Value error, ")
    # "URL scheme should be 'https'" begins with a word that stays as it is.
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
