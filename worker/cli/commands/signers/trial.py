"""`herald signers test`."""

from __future__ import annotations

from functools import partial

from worker.admin.signers import make_test_signature
from worker.cli.access import Config, settings_of
from worker.cli.commands.signers.loading import TIMEOUT, Name, Timeout, loaded, with_signers
from worker.cli.output import AsJson, print_json, say


def try_signer(
    name: Name, config: Config = None, *, timeout: Timeout = TIMEOUT, as_json: AsJson = False
) -> None:
    """Make a signature over random bytes, and verify it by the certificate. Sends nothing to a national system.

    A provider may count the signature. Exit 1 where there is none.
    """
    settings = settings_of(config)
    signers = loaded(settings)
    done = with_signers(
        signers, partial(make_test_signature, signers, settings.signers, name, seconds=timeout)
    )
    if as_json:
        print_json(done)
    else:
        say(f"Signer {name} made a signature that its certificate verifies, in {done.seconds:.3f} s.")
