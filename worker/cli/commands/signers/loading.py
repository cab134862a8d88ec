"""What the commands about signers share: the signers of the configuration, closed at the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeAlias, TypeVar

import typer

from worker.admin.loaded_signers import loaded_signers
from worker.cli.access import run
from worker.cli.output import WRONG_USE, fail
from worker.clock import SystemClock
from worker.configuration_error import ConfigurationError
from worker.settings.model import Settings
from worker.signing.registry import Signers

T = TypeVar("T")

Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="The signer's name in the configuration.")
]
Timeout: TypeAlias = Annotated[
    float, typer.Option(min=1, max=600, help="The longest time in seconds to wait for the signer.")
]
TIMEOUT = 20.0


def loaded(settings: Settings) -> Signers:
    """Load the signers, or end the command where the trust anchors cannot be read."""
    try:
        return loaded_signers(settings, SystemClock())
    except ConfigurationError as bad:
        fail(str(bad), WRONG_USE)


def with_signers(signers: Signers, act: Callable[[], Awaitable[T]]) -> T:
    """Return what an act with these signers did, or end the command with why it failed."""

    async def acting() -> T:
        try:
            return await act()
        finally:
            await signers.close()

    return run(acting())
