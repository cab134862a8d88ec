"""The `--config` option, and the settings it leads to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from worker.cli.output import WRONG_USE, fail
from worker.settings.load import load
from worker.settings.model import Settings
from worker.settings.problems import BadConfiguration

Config: TypeAlias = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="YAML file with the settings; else the one HERALD_CONFIG names."),
]


def settings_of(config: Path | None) -> Settings:
    """Load the settings, or end the command with all that is wrong with them."""
    try:
        return load(config, os.environ)
    except BadConfiguration as bad:
        fail(
            "The configuration cannot be used:\n" + "\n".join(f"  {problem}" for problem in bad.problems),
            WRONG_USE,
        )
