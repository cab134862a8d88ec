"""Who acts, and why: what the audit log names. In a pod, where the user's name means no person, it must be given."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from typing import Annotated, TypeAlias

import typer

from worker.cli.access import not_empty
from worker.cli.output import WRONG_USE, fail
from worker.settings.variables import OPERATOR

IN_A_POD = "KUBERNETES_SERVICE_HOST"
"""Kubernetes sets it in each container."""
UNNAMED = (
    f"Name the person for the audit log: --by NAME, or the variable {OPERATOR}. A pod's user names no person."
)


def operator_of(variables: Mapping[str, str]) -> str | None:
    """Return the person who runs the command, from the environment; None if that names no person."""
    if named := variables.get(OPERATOR, "").strip():
        return named
    if variables.get(IN_A_POD):
        return None
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user here: a container with a number only
        return f"uid {os.getuid()}"


def acting(by: str | None) -> str:
    """Return who acts: the named person, else from the environment; end the command if there is none."""
    named = operator_of(os.environ) if by is None else by.strip()
    return named or fail(UNNAMED, WRONG_USE)


def _by_default() -> str:
    return acting(None)


_TOLD = f"{OPERATOR}, otherwise your user's name"

By: TypeAlias = Annotated[
    str,
    typer.Option(
        "--by", default_factory=_by_default, callback=acting, show_default=_TOLD, help="Who does it."
    ),
]
PerhapsBy: TypeAlias = Annotated[
    str | None,
    typer.Option("--by", show_default=_TOLD, help="The person who runs the command, for the audit log."),
]
"""For commands that do not always write to the audit log; they call `acting` when they do."""
Why: TypeAlias = Annotated[
    str, typer.Option("--reason", callback=not_empty, help="The reason, for the audit log.")
]
PerhapsWhy: TypeAlias = Annotated[
    str | None, typer.Option("--reason", callback=not_empty, help="An optional reason, for the audit log.")
]
