"""What is wrong with a configuration whose values fit their models. Imports nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


class ConfigurationError(Exception):
    """Something cannot be made of the settings; ``problems`` has one plain sentence for each, without secrets."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems

    @classmethod
    def of(cls, problems: Iterable[object]) -> Self:
        """Make the error from the texts of these problems, each text once."""
        return cls(*dict.fromkeys(map(str, problems)))

    def under(self, path: str) -> Self:
        """Return the same problems, each below this path of the settings."""
        return type(self)(*(f"{path}: {problem}" for problem in self.problems))
