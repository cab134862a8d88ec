"""`herald signers list`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from worker.admin.signers import connected_views, views
from worker.cli.access import Config, settings_of
from worker.cli.commands.signers.loading import TIMEOUT, Timeout, loaded, with_signers
from worker.cli.commands.signers.tables import HEAD, rows
from worker.cli.output import AsJson, print_json, print_table, say
from worker.clock import SystemClock

if TYPE_CHECKING:
    from worker.admin.signers import SignerView
    from worker.settings.model import Settings

Connect: TypeAlias = Annotated[
    bool, typer.Option("--connect", help="Ask tokens and providers for the certificates that are there.")
]


def list_(
    config: Config = None, *, connect: Connect = False, timeout: Timeout = TIMEOUT, as_json: AsJson = False
) -> None:
    """List the signers with their certificates' ends, from the files of the configuration. Signs nothing.

    Asks nobody without --connect.
    """
    found = _found(settings_of(config), connect=connect, seconds=timeout)
    if as_json:
        print_json(found)
        return
    print_table(HEAD, rows(found))
    if not found:
        say("No signer is configured.")


def _found(settings: Settings, *, connect: bool, seconds: float) -> list[SignerView]:
    signers, now = loaded(settings), SystemClock().now()
    if not connect:
        return views(signers, settings.signers, now)
    return with_signers(
        signers, partial(connected_views, signers, settings.signers, seconds=seconds, now=now)
    )
