"""What is wrong with a configuration that fits its models. Imports nothing."""

from __future__ import annotations


class ConfigurationError(Exception):
    """No worker can be made of the settings; ``problems`` has one plain sentence for each, without secrets."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
