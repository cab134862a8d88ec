"""`herald signers unblock`: let a signer whose PIN or password was refused try it once more."""

from __future__ import annotations

from typing import Annotated

import typer

from worker.admin.signer_unblocking import unblock_signer
from worker.cli.access import Config, run, settings_of
from worker.cli.operator import By, PerhapsWhy
from worker.cli.output import AsJson, print_json, say


def unblock(
    name: Annotated[str, typer.Argument(help="The signer, as `signers` in the configuration names it.")],
    config: Config = None,
    *,
    reason: PerhapsWhy = None,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Let a signer try its PIN or password once more, after it was refused or its answer was lost.

    A changed PIN or password needs no command. Make sure first that the right one is configured: after a few wrong
    ones a token locks.
    """
    forgotten = run(unblock_signer(settings_of(config), name, who=by, reason=reason))
    if as_json:
        print_json({"signer": name, "forgotten": forgotten})
    elif forgotten:
        say(
            f"The signer {name} may try its secret once more. Replay its dead letters after a test signature."
        )
    else:
        say(f"No secret of the signer {name} was refused, and none is in doubt.")
