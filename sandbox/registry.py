"""The one place that names what has a sandbox: systems, and providers of signatures; each is a line of a table."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from sandbox.options import (
    ASYNC_SECONDS,
    CALLBACK_CA_FILE,
    MESSAGE_ORDER,
    PROFILE,
    SCHEMAS,
    SIGNERS_FILE,
    STRICT,
    TOKEN_PORT,
    token_seconds,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from inspect import Parameter

    from sandbox.server import SandboxServer


@dataclass(frozen=True, slots=True)
class Entry:
    """One system or provider: the name of its command, its sandbox's title, its port, and the options of its own."""

    system: str
    title: str
    port: int
    options: tuple[Parameter, ...] = ()

    def load(self) -> Callable[..., SandboxServer]:
        """Return the class `Sandbox` of the module `server` in its package."""
        server: Callable[..., SandboxServer] = import_module(
            f"sandbox.{self.system.replace('-', '_')}.server"
        ).Sandbox
        return server


SANDBOXES = (
    Entry("nhis", "the NHIS sandbox", 8443, (token_seconds(7200.0), SCHEMAS, SIGNERS_FILE, MESSAGE_ORDER)),
    Entry("nhif", "the sandbox of NHIF's REST API", 8444),
    Entry("erx", "the sandbox of the eRx register", 8445, (PROFILE, token_seconds(3600.0))),
    Entry("kz-shep", "the sandbox of Kazakhstan's SHEP", 8446),
    Entry("regix", "the sandbox of RegiX", 8448, (STRICT, ASYNC_SECONDS, CALLBACK_CA_FILE)),
    Entry("epayment", "the sandbox of ePayments (pay.egov.bg)", 8449),
    Entry(
        "edelivery",
        "the sandbox of eDelivery, and of the state ESB in front of it",
        8451,
        (TOKEN_PORT, token_seconds(3600.0), CALLBACK_CA_FILE),
    ),
)

SIGNING_PROVIDERS = (
    Entry("csc", "the sandbox of a provider of remote signatures (CSC API)", 8451, (token_seconds(3600.0),)),
    Entry("btrust", "the sandbox of B-Trust's Automatic Remote Signing", 8452),
    Entry("vault", "the sandbox of Vault's transit engine", 8453),
)
