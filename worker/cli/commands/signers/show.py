"""`herald signers show`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from worker.admin.signers import show as shown
from worker.cli.access import Config, settings_of
from worker.cli.commands.signers.loading import TIMEOUT, Name, Timeout, loaded, with_signers
from worker.cli.output import AsJson, fail, print_json, print_table
from worker.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.admin.signers import SignerView


def show(name: Name, config: Config = None, *, timeout: Timeout = TIMEOUT, as_json: AsJson = False) -> None:
    """Show one signer: its certificate, those above it, and what keeps it from signing. Signs nothing.

    Asks the token or provider for the certificate, where the key is there. Exit 1 where the signer cannot sign.
    """
    settings = settings_of(config)
    signers, now = loaded(settings), SystemClock().now()
    one = with_signers(signers, partial(shown, signers, settings.signers, name, seconds=timeout, now=now))
    if as_json:
        print_json(one)
    else:
        print_table(("", ""), _lines(one))
    if one.problem:
        fail(f"Signer {name} cannot sign: {one.problem}")


def _lines(one: SignerView) -> Iterator[tuple[str, object]]:
    yield "signer", one.name
    yield "kind", one.kind
    yield "algorithm", one.algorithm or "not known"
    if one.certificate is not None:
        yield "certificate serial number", one.certificate.serial
        yield "valid from (UTC)", one.certificate.starts
        yield "valid until (UTC)", one.certificate.expires
        yield "days left", one.certificate.days_left
    for issuer in one.issuers:
        yield "issued by serial number", f"{issuer.serial}, valid until {issuer.expires:%Y-%m-%d %H:%M} UTC"
