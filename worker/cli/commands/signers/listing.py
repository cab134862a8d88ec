"""`herald signers list`."""

from __future__ import annotations

from worker.admin.signers import views
from worker.cli.access import Config, settings_of
from worker.cli.commands.signers.loading import loaded
from worker.cli.commands.signers.tables import HEAD, rows
from worker.cli.output import AsJson, print_json, print_table, say
from worker.clock import SystemClock


def list_(config: Config = None, *, as_json: AsJson = False) -> None:
    """List the signers with their certificates' ends. Opens the files of the configuration, and asks nobody."""
    settings = settings_of(config)
    found = views(loaded(settings), settings.signers, SystemClock().now())
    if as_json:
        print_json(found)
        return
    print_table(HEAD, rows(found))
    if not found:
        say("No signer is configured.")
